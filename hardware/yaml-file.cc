// SPDX-License-Identifier: MIT
#include "hardware/yaml-file.h"

#include <yaml-cpp/eventhandler.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "base/input-error.h"

namespace ddlsim {
namespace {

std::string PlaceOf(const std::string& file, const YAML::Mark& mark) {
  // yaml-cpp counts lines from 0, and has no line (-1) for some errors.
  return mark.line < 0 ? file : file + ":" + std::to_string(mark.line + 1);
}

// Watches the parser's events and refuses a document before anything is built from it.
class PlainYamlGuard : public YAML::EventHandler {
 public:
  PlainYamlGuard(std::string file, const YamlLimits& limits)
      : m_file(std::move(file)), m_limits(limits) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { Check(mark, "", anchor); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    Refuse(mark, "uses an alias (*name)", "write the value out");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string&) override {
    Check(mark, tag, anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Check(mark, tag, anchor);
    Descend(mark);
  }
  void OnSequenceEnd() override { --m_depth; }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Check(mark, tag, anchor);
    Descend(mark);
  }
  void OnMapEnd() override { --m_depth; }

 private:
  [[noreturn]] void Refuse(const YAML::Mark& mark, const std::string& problem,
                           const std::string& remedy) {
    throw InputError(PlaceOf(m_file, mark), problem, remedy);
  }
  void Check(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (++m_values > m_limits.values_max) {
      Refuse(mark, "holds more than " + std::to_string(m_limits.values_max) + " values",
             "check that this is the right file");
    }
    if (anchor != YAML::NullAnchor) {
      Refuse(mark, "uses an anchor (&name)", "write the value out where it is needed");
    }
    // "?" and "!" are the parser's own marks for plain and quoted values.
    if (!tag.empty() && tag != "?" && tag != "!") {
      Refuse(mark, "uses a tag (" + Printable(tag, 40) + ")", "write plain values");
    }
  }
  void Descend(const YAML::Mark& mark) {
    if (++m_depth > kYamlDepthMax) {
      Refuse(mark, "nests deeper than " + std::to_string(kYamlDepthMax) + " levels",
             "use the layout that " + m_limits.layout + " shows");
    }
  }

  const std::string m_file;
  const YamlLimits& m_limits;
  uint64_t m_values = 0;
  int m_depth = 0;
};

std::string ReadSmallFile(const std::string& path, uint64_t size_max_bytes) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    throw InputError(Printable(path, 200), "there is no such file", "check the path");
  }
  if (!std::filesystem::is_regular_file(status)) {
    throw InputError(Printable(path, 200), "is not a plain file", "name a YAML file");
  }
  std::ifstream in(path, std::ios::binary);
  std::string text(size_max_bytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad() || (in.fail() && !in.eof())) {
    throw InputError(Printable(path, 200), "cannot be read", "check its permissions");
  }
  text.resize(static_cast<size_t>(in.gcount()));
  return text;
}

}  // namespace

YAML::Node ParseYaml(const std::string& place, const std::string& text, const YamlLimits& limits) {
  if (text.size() > limits.size_max_bytes) {
    throw InputError(place,
                     "is larger than " + std::to_string(limits.size_max_bytes / 1024) + " KiB",
                     "check that this is the right file");
  }
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    PlainYamlGuard guard(place, limits);
    if (!parser.HandleNextDocument(guard)) {
      throw InputError(place, "is empty", "see " + limits.layout + " for the layout");
    }
    if (parser.HandleNextDocument(guard)) {
      throw InputError(place, "holds more than one YAML document", "keep one per file");
    }
    return YAML::Load(text);
  } catch (const YAML::Exception& error) {
    throw InputError(PlaceOf(place, error.mark), "is not YAML: " + Printable(error.msg, 120),
                     "mend the syntax there");
  }
}

YAML::Node LoadYamlFile(const std::string& path, const YamlLimits& limits) {
  return ParseYaml(Printable(path, 200), ReadSmallFile(path, limits.size_max_bytes), limits);
}

}  // namespace ddlsim
