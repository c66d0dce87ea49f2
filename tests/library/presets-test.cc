// SPDX-License-Identifier: MIT
//
// Presets of collective libraries (hardware/libraries) beside the parameters that the model knows.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/input-error.h"
#include "hardware/host.h"
#include "hardware/library-preset.h"
#include "library/parameter-table.h"

namespace ddlsim {
namespace {

std::map<std::string, LibraryParameterSpec> Specs() {
  std::map<std::string, LibraryParameterSpec> specs;
  for (const LibraryParameterSpec& spec : LibraryParameterTable()) specs.emplace(spec.name, spec);
  return specs;
}

TEST(LibraryPresets, EveryParameterIsKnownAndInRange) {
  const std::map<std::string, LibraryParameterSpec> specs = Specs();
  std::set<std::string> stated;
  for (const std::string& name : LibraryPresetNames()) {
    LibraryParameters parameters;
    for (const LibraryFact& fact : LoadLibraryPreset(name, "--hardware").facts) {
      SCOPED_TRACE(name + ": " + fact.name);
      ASSERT_EQ(specs.count(fact.name), 1u);
      const LibraryParameterSpec& spec = specs.at(fact.name);
      EXPECT_GE(fact.low, spec.low);
      EXPECT_LE(fact.high, spec.high);
      SetLibraryParameter(fact.place, fact.name, fact.value, parameters);
      EXPECT_EQ(spec.Get(parameters), fact.value);
      stated.insert(fact.name);
    }
  }
  EXPECT_GT(stated.size(), 10u);
}

TEST(LibraryPresets, ParametersAreDistinct) {
  const std::vector<LibraryParameterSpec>& table = LibraryParameterTable();
  EXPECT_EQ(Specs().size(), table.size());
  LibraryParameters parameters;
  std::set<const double*> fields;
  for (const LibraryParameterSpec& spec : table) {
    EXPECT_TRUE(fields.insert(&spec.field(parameters)).second) << spec.name;
  }
}

// Some parameters have no default, such as the rates: a host's presets together state them.
TEST(LibraryPresets, HostsStateWhatHasNoDefault) {
  int hosts = 0;
  for (const std::string& name : HostPresetNames()) {
    const Host host = LoadHost(name);
    if (host.libraries.empty()) continue;
    ++hosts;
    LibraryParameters parameters;
    for (const std::string& library : host.libraries) {
      for (const LibraryFact& fact : LoadLibraryPreset(library, "--hardware").facts) {
        SetLibraryParameter(fact.place, fact.name, fact.value, parameters);
      }
    }
    for (const LibraryParameterSpec& spec : LibraryParameterTable()) {
      EXPECT_GE(spec.Get(parameters), spec.low) << name << ": " << spec.name;
      EXPECT_LE(spec.Get(parameters), spec.high) << name << ": " << spec.name;
    }
  }
  EXPECT_GE(hosts, 10);
}

TEST(LibraryPresets, UnknownNamesAndValuesAreRefused) {
  LibraryParameters parameters;
  try {
    SetLibraryParameter("x.yaml:3", "chanels", 8, parameters);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_EQ(error.Place(), "x.yaml:3");
    EXPECT_EQ(error.Remedy(), "did you mean 'channels'?");
  }
  EXPECT_THROW(SetLibraryParameter("x", "channels", 0, parameters), InputError);
  EXPECT_THROW(SetLibraryParameter("x", "channels", 65, parameters), InputError);
}

}  // namespace
}  // namespace ddlsim
