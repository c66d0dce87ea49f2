// SPDX-License-Identifier: GPL-2.0-only
#include "topology/topology-file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "base/input-error.h"
#include "topology/file-readers.h"

namespace ddlsim {
namespace {

struct NameEnd {
  const char* end;
  const char* format;
};
constexpr NameEnd kNameEnds[] = {
    {".yaml", "yaml"},   {".yml", "yaml"},        {".json", "yaml"},
    {".xml", "graphml"}, {".graphml", "graphml"}, {".inet", "inet"},
    {".orbis", "orbis"}, {".weights", "orbis"},   {".cch", "rocketfuel"},
};

std::string FormatOf(const std::string& path, const TopologyFileOptions& options) {
  if (options.format != "auto") return options.format;
  for (const NameEnd& known : kNameEnds) {
    const std::string end = known.end;
    if (path.size() >= end.size() && path.compare(path.size() - end.size(), end.size(), end) == 0) {
      return known.format;
    }
  }
  throw InputError(Printable(path, 200), "the end of the name tells no format",
                   "state --file-format: yaml, graphml, inet, orbis or rocketfuel");
}

std::string ReadBoundedFile(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    throw InputError(Printable(path, 200), "there is no such file", "check the path");
  }
  if (!std::filesystem::is_regular_file(status)) {
    throw InputError(Printable(path, 200), "is not a plain file", "name the file of a network");
  }
  const uint64_t size = std::filesystem::file_size(path, error);
  std::ifstream in(path, std::ios::binary);
  // A file may grow while it is read: what is past the bound is looked at, but not kept.
  std::string text(static_cast<size_t>(std::min(error ? 0 : size, kTopologyFileMaxBytes) + 1),
                   '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in.is_open() || in.bad()) {
    throw InputError(Printable(path, 200), "cannot be read", "check its permissions");
  }
  text.resize(static_cast<size_t>(in.gcount()));
  return text;
}

}  // namespace

const std::vector<std::string>& TopologyFileFormats() {
  static const std::vector<std::string> formats{"auto", "yaml",  "graphml",
                                                "inet", "orbis", "rocketfuel"};
  return formats;
}

TopologyFile ParseTopology(const std::string& place, const std::string& text,
                           const TopologyFileOptions& options) {
  const uint64_t size_max_bytes =
      options.format == "yaml" ? kTopologyYamlMaxBytes : kTopologyFileMaxBytes;
  if (text.size() > size_max_bytes) {
    throw InputError(place, "is larger than " + std::to_string(size_max_bytes >> 20) + " MiB",
                     "check that this is the right file");
  }
  TopologyDraft draft(place);
  if (options.format == "yaml") {
    ReadYamlTopology(text, options.parts, draft);
  } else if (options.format == "graphml") {
    ReadGraphmlTopology(text, options.parts, draft);
  } else if (options.format == "inet") {
    ReadInetTopology(text, options.parts, draft);
  } else if (options.format == "orbis") {
    ReadOrbisTopology(text, options.parts, draft);
  } else if (options.format == "rocketfuel") {
    ReadRocketfuelTopology(text, options.parts, draft);
  } else {
    throw InputError(options.format_place, "'" + Printable(options.format) + "' is no format",
                     Suggest(options.format, TopologyFileFormats()));
  }
  TopologyFile file = draft.Finish(options);
  try {
    file.graph.Canonicalize();
  } catch (const InputError& error) {
    throw InputError(place, error.Problem(), error.Remedy());
  }
  return file;
}

TopologyFile ReadTopologyFile(const std::string& path, const TopologyFileOptions& options) {
  const std::vector<std::string>& formats = TopologyFileFormats();
  if (std::find(formats.begin(), formats.end(), options.format) == formats.end()) {
    throw InputError(options.format_place, "'" + Printable(options.format) + "' is no format",
                     Suggest(options.format, formats));
  }
  TopologyFileOptions known = options;
  known.format = FormatOf(path, options);
  return ParseTopology(Printable(path, 200), ReadBoundedFile(path), known);
}

}  // namespace ddlsim
