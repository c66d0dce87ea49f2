// SPDX-License-Identifier: GPL-2.0-only
//
// The options of ddl-scenario as one table: what --PrintHelp, the configuration file and the
// resolved configuration of a run all follow.
#ifndef DDL_OPTION_SET_H
#define DDL_OPTION_SET_H

#include <map>
#include <string>
#include <vector>

namespace ddlsim {

struct OptionSpec {
  std::string name;           // without dashes
  std::string default_value;  // empty: decided by other options, as the help says
  std::string help;           // with unit
  std::string attribute;  // "ns3::ddl::Nic::AckEvery": the ns-3 attribute that it sets, or empty
  bool is_generator = false;  // handed to ddl-workload when --model is in use
  // What makes the option mean something: "topology=fattree,rail" (any option and values, of which
  // what follows a colon is no part), "model" (which is what runs when no other workload is given),
  // "sized-collective" (a --collective whose size --size says),
  // workload options or conditions of traffic-names.h with bars between, or "host" where --hardware
  // names one; empty: always.
  std::string goes_with = {};
};

const std::vector<OptionSpec>& ScenarioOptionTable();

// Values of a run, as text. The command line wins over the configuration file, which wins over the
// defaults.
class OptionSet {
 public:
  OptionSet();

  // Reads --config=FILE, then the command line. Throws InputError for what is unknown or cannot be
  // parsed; changes ns-3's attribute defaults only when everything is in order. Options that end
  // the program by printing something (--PrintHelp ...) are left to ns-3's CommandLine: true if
  // present.
  bool Parse(int argc, char** argv);

  bool IsSet(const std::string& name) const;  // by the user
  const std::string& Get(const std::string& name) const;
  // "--hosts", or "FILE.yaml:3: hosts" where the value came from there: the place of errors.
  std::string Place(const std::string& name) const;
  // Whether the option has an effect beside the others: see OptionSpec::goes_with.
  bool IsRelevant(const OptionSpec& spec) const;
  void Resolve(const std::string& name, const std::string& value);  // fills in what was left open

  // The configuration that leads to the same run, as YAML; without --out.
  std::string ToYaml() const;

 private:
  struct Value {
    std::string text;
    std::string place;
    bool is_set = false;
  };
  void ReadConfig(const std::string& path);
  void Assign(const std::string& name, const std::string& text, const std::string& place);
  void AssignAttribute(const std::string& path, const std::string& text, const std::string& place);
  bool IsSizedCollective() const;
  void CheckRelevance() const;
  void CheckAttributeOfTransport(const std::string& path, const std::string& place) const;
  void ApplyAttributes();

  std::map<std::string, Value> m_values;
  std::map<std::string, Value> m_attributes;  // ns3:: paths that no option stands for
};

}  // namespace ddlsim

#endif /* DDL_OPTION_SET_H */
