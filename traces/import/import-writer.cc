// SPDX-License-Identifier: MIT
#include "traces/import/import-writer.h"

#include <filesystem>
#include <stdexcept>

#include "base/input-error.h"

namespace ddlsim {

void WriteImportedSet(const TraceSetWriter::Options& options,
                      const std::function<void(TraceSetWriter&)>& fill) {
  namespace fs = std::filesystem;
  std::error_code error;
  const bool is_new_folder = !fs::exists(options.folder, error);
  const auto clean_up = [&] {
    if (is_new_folder) fs::remove(options.folder, error);  // only if it is empty
  };
  try {
    TraceSetWriter writer(options);
    fill(writer);
    writer.Finish();
  } catch (const std::logic_error& problem) {
    clean_up();
    throw InputError(options.folder, std::string("no valid set comes of it: ") + problem.what(),
                     "give all ranks of one job, over the same steps");
  } catch (...) {
    clean_up();
    throw;
  }
}

}  // namespace ddlsim
