// SPDX-License-Identifier: MIT
#include "workload-gen/program/command-line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "base/input-error.h"
#include "base/quantity.h"

namespace ddlsim {
namespace {

std::vector<std::string> OptionNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    names.push_back("--" + option->get_lnames().front());
  }
  return names;
}

}  // namespace

std::vector<std::string> CheckedWords(const CLI::App& app,
                                      const std::vector<std::string>& arguments) {
  const std::vector<std::string> names = OptionNames(app);
  std::vector<std::string> seen, words;
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string word = arguments[i] == "-h" ? "--help" : arguments[i];
    const size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    if (name.rfind("--", 0) != 0) {
      throw InputError(Printable(word), "is not an option",
                       "write --NAME=VALUE (--help lists them)");
    }
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      const std::string remedy = Suggest(name, names);
      throw InputError(Printable(name), "there is no such option",
                       remedy.rfind("did", 0) == 0 ? remedy : "--help lists the options");
    }
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
      throw InputError(name, "is given twice", "keep one");
    }
    seen.push_back(name);
    const bool is_flag = app.get_option(name)->get_expected_max() == 0;
    if (is_flag && equals != word.npos) {
      throw InputError(name, "takes no value", "write it alone");
    }
    if (!is_flag && equals == word.npos) {
      const bool has_value = i + 1 < arguments.size() && arguments[i + 1].rfind("--", 0) != 0;
      word += "=" + (has_value ? arguments[++i] : "");
    }
    if (!is_flag && word.size() == name.size() + 1) {
      throw InputError(name, "lacks its value", "write " + name + "=VALUE");
    }
    words.push_back(std::move(word));
  }
  return words;
}

}  // namespace ddlsim
