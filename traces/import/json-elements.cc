// SPDX-License-Identifier: MIT
#include "traces/import/json-elements.h"

#include <iterator>
#include <vector>

#include "base/input-error.h"
#include "traces/byte-source.h"
#include "traces/wire-cursor.h"

namespace ddlsim {
namespace {

constexpr size_t kDepthMax = 64;
constexpr size_t kValuesMax = 1 << 20;
constexpr size_t kBufferBytes = 1 << 16;

class CharacterSource {
 public:
  explicit CharacterSource(const std::string& path)
      : m_path(path), m_bytes(path), m_buffer(kBufferBytes, '\0') {
    Fill();
  }
  bool IsAtEnd() const { return m_size == 0; }
  char Peek() const { return m_buffer[m_next]; }
  void Advance() {
    if (m_buffer[m_next] == '\n') ++m_line;
    if (++m_next == m_size) Fill();
  }
  std::string Place() const { return m_path + ":" + std::to_string(m_line); }

 private:
  void Fill() {
    try {
      m_size = m_bytes.Read(m_buffer.data(), m_buffer.size());
    } catch (const RecordError& error) {
      throw InputError(m_path, error.what(), "copy the file again");
    }
    m_next = 0;
  }

  std::string m_path;
  ByteSource m_bytes;
  std::string m_buffer;
  size_t m_size = 0;
  size_t m_next = 0;
  size_t m_line = 1;
};

// What nlohmann's parser takes: a pair of these, of which the end has no source.
class CharacterIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = char;

  explicit CharacterIterator(CharacterSource* source) : m_source(source) {}
  char operator*() const { return m_source->Peek(); }
  CharacterIterator& operator++() {
    m_source->Advance();
    return *this;
  }
  CharacterIterator operator++(int) {
    CharacterIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const CharacterIterator& other) const { return IsAtEnd() == other.IsAtEnd(); }
  bool operator!=(const CharacterIterator& other) const { return !(*this == other); }

 private:
  bool IsAtEnd() const { return m_source == nullptr || m_source->IsAtEnd(); }
  CharacterSource* m_source;
};

// Builds the element that is being read and hands it over when it is whole.
class ElementBuilder : public nlohmann::json_sax<nlohmann::json> {
 public:
  ElementBuilder(const CharacterSource& source, const JsonElementHandler& handle)
      : m_source(source), m_handle(handle) {}

  bool null() override { return Add(nullptr); }
  bool boolean(bool value) override { return Add(value); }
  bool number_integer(number_integer_t value) override { return Add(value); }
  bool number_unsigned(number_unsigned_t value) override { return Add(value); }
  bool number_float(number_float_t, const string_t& text) override { return Add(text); }
  bool string(string_t& value) override { return Add(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(size_t) override { return Open(nlohmann::json::object()); }
  bool start_array(size_t) override { return Open(nlohmann::json::array()); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }
  bool key(string_t& name) override {
    if (m_open.empty()) {
      m_top_key = std::move(name);
    } else {
      m_key = std::move(name);
    }
    return true;
  }
  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception& error) override {
    const bool is_number = error.id == 406;  // nlohmann's "number overflow"
    throw InputError(m_source.Place(),
                     is_number ? "holds a number that is out of range" : "is not valid JSON",
                     is_number ? "correct the number" : "record it again; it may be cut off");
  }

 private:
  // 0: before the document; 1: inside it; 2: inside an array that is a value of the document.
  bool Open(nlohmann::json container) {
    if (m_level == 0) {
      m_is_top_array = container.is_array();
      m_level = m_is_top_array ? 2 : 1;
      return true;
    }
    if (m_level == 1 && m_open.empty() && container.is_array()) {
      m_level = 2;
      return true;
    }
    if (m_open.size() >= kDepthMax) {
      throw InputError(m_source.Place(), "is nested more than 64 levels deep",
                       "name a file that a profiler wrote");
    }
    if (m_open.empty()) {
      m_root = std::move(container);
      m_open.push_back(&m_root);
      m_values = 0;
    } else {
      m_open.push_back(Attach(std::move(container)));
    }
    return true;
  }

  bool Close() {
    if (!m_open.empty()) {
      m_open.pop_back();
      if (m_open.empty()) m_handle(m_top_key, std::move(m_root), m_source.Place());
    } else if (m_level == 2 && !m_is_top_array) {
      m_level = 1;
    }
    return true;
  }

  bool Add(nlohmann::json value) {
    if (m_level == 0) {
      throw InputError(m_source.Place(), "is neither a JSON object nor an array",
                       "name a file that a profiler wrote");
    }
    if (m_open.empty()) {
      m_handle(m_top_key, std::move(value), m_source.Place());
    } else {
      Attach(std::move(value));
    }
    return true;
  }

  nlohmann::json* Attach(nlohmann::json value) {
    if (++m_values > kValuesMax) {
      throw InputError(m_source.Place(), "holds an element of more than a million values",
                       "name a file that a profiler wrote");
    }
    nlohmann::json& parent = *m_open.back();
    if (parent.is_object()) {
      nlohmann::json& slot = parent[m_key];
      slot = std::move(value);
      return &slot;
    }
    parent.push_back(std::move(value));
    return &parent.back();
  }

  const CharacterSource& m_source;
  const JsonElementHandler& m_handle;
  int m_level = 0;
  bool m_is_top_array = false;
  std::string m_top_key;
  std::string m_key;
  nlohmann::json m_root;
  std::vector<nlohmann::json*> m_open;  // from the root to the innermost container
  size_t m_values = 0;
};

}  // namespace

void ReadJsonElements(const std::string& path, const JsonElementHandler& handle) {
  CharacterSource source(path);
  ElementBuilder builder(source, handle);
  nlohmann::json::sax_parse(CharacterIterator(&source), CharacterIterator(nullptr), &builder);
}

}  // namespace ddlsim
