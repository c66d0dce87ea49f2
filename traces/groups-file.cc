// SPDX-License-Identifier: MIT
#include "traces/groups-file.h"

#include <nlohmann/json.hpp>
#include <set>

#include "base/input-error.h"
#include "traces/bounded-json.h"

namespace ddlsim {
namespace {

constexpr size_t kGroupsFileSizeMaxBytes = 64 << 20;

// Takes only the shape that a groups file has, as the parser reads it: no document is built, so
// memory is that of the ranks themselves, and depth is two.
class GroupsHandler : public nlohmann::json_sax<nlohmann::json> {
 public:
  GroupsHandler(const std::string& place, const std::string& text, uint32_t rank_count)
      : m_place(place), m_text(text), m_rank_count(rank_count), m_last_group(rank_count, 0) {}

  std::vector<GroupAxis> Take() { return std::move(m_axes); }

  bool start_object(size_t) override {
    if (m_depth != 0) RefuseShape();
    m_depth = 1;
    return true;
  }
  bool key(string_t& name) override {
    if (name.empty()) Refuse("a group has an empty name", "name each group");
    if (!m_names.insert(name).second) {
      Refuse("group '" + Printable(name) + "' stands twice", "name each group once");
    }
    m_axes.push_back({name, {{}}});
    return true;
  }
  bool start_array(size_t) override {
    if (m_depth != 1) RefuseShape();
    m_depth = 2;
    return true;
  }
  bool number_unsigned(number_unsigned_t rank) override {
    if (m_depth != 2) RefuseShape();
    const std::string group = "group '" + Printable(m_axes.back().name) + "' names rank ";
    if (rank >= m_rank_count) {
      Refuse(group + std::to_string(rank) + ", which is outside the set",
             "the set has ranks 0 to " + std::to_string(m_rank_count - 1));
    }
    if (m_last_group[rank] == m_axes.size()) {
      Refuse(group + std::to_string(rank) + " twice", "name each rank once");
    }
    m_last_group[rank] = m_axes.size();
    m_axes.back().groups[0].push_back(static_cast<uint32_t>(rank));
    return true;
  }
  bool end_array() override {
    if (m_axes.back().groups[0].empty()) {
      Refuse("group '" + Printable(m_axes.back().name) + "' has no ranks", "remove it");
    }
    m_depth = 1;
    return true;
  }
  bool end_object() override { return true; }
  bool null() override { RefuseShape(); }
  bool boolean(bool) override { RefuseShape(); }
  bool number_integer(number_integer_t) override { RefuseShape(); }
  bool number_float(number_float_t, const string_t&) override { RefuseShape(); }
  bool string(string_t&) override { RefuseShape(); }
  bool binary(binary_t&) override { RefuseShape(); }
  bool parse_error(size_t byte, const std::string&, const nlohmann::detail::exception&) override {
    throw InputError(JsonPlace(m_place, m_text, byte), "is not valid JSON", "correct the syntax");
  }

 private:
  [[noreturn]] void Refuse(const std::string& problem, const std::string& remedy) const {
    throw InputError(m_place, problem, remedy);
  }
  [[noreturn]] void RefuseShape() const {
    Refuse("is not an object of lists of ranks", "write {\"<name>\": [rank, ...], ...}");
  }

  const std::string& m_place;
  const std::string& m_text;
  uint32_t m_rank_count;
  int m_depth = 0;
  std::vector<GroupAxis> m_axes;
  std::set<std::string> m_names;
  std::vector<size_t> m_last_group;  // by rank: 1 + the group that named it last
};

}  // namespace

std::vector<GroupAxis> ReadGroupsFile(const std::string& path, uint32_t rank_count) {
  const std::string text = ReadSmallFile(path, kGroupsFileSizeMaxBytes);
  GroupsHandler handler(path, text, rank_count);
  nlohmann::json::sax_parse(text, &handler);
  return handler.Take();
}

}  // namespace ddlsim
