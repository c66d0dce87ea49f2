// SPDX-License-Identifier: GPL-2.0-only
//
// One file of a result folder. It is written as NAME.part and gets its name when it is whole, so
// that a file under its final name is never a fragment.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ddlsim {

// Buffered. Whole rows leave the buffer together, so that a .part file that a killed process leaves
// ends with a whole row. Write errors (disk full) are std::system_error.
class ResultFile {
 public:
  static constexpr size_t kReserveMax = 4096;

  // Creates PATH.part, empty. Throws std::system_error.
  explicit ResultFile(std::string path);
  ~ResultFile();  // flushes; PATH.part stays unless Publish() was reached
  ResultFile(const ResultFile&) = delete;
  ResultFile& operator=(const ResultFile&) = delete;

  // Starts a row: room for `size_max` <= kReserveMax bytes at the pointer; Advance() takes what was
  // written there.
  char* Reserve(size_t size_max) {
    if (m_buffer.size() - m_used < size_max) Flush();
    return m_buffer.data() + m_used;
  }
  void Advance(const char* end) { m_used = static_cast<size_t>(end - m_buffer.data()); }
  // Text of any size.
  void Append(std::string_view text);
  // Text that ends the file when it is closed, whatever the reason.
  void SetTrailer(std::string trailer) { m_trailer = std::move(trailer); }

  void Flush();
  void Close();    // trailer and flush; nothing may be written after it
  void Publish();  // closes where that is still to do, and renames
  void Remove();   // closes and deletes PATH.part

 private:
  void WriteAll(const char* data, size_t size);

  std::string m_path;
  std::string m_trailer;
  std::vector<char> m_buffer;
  size_t m_used = 0;
  int m_descriptor = -1;
};

// A CSV field (see CsvField) without a copy in the common case.
void AppendCsvField(ResultFile& file, std::string_view text);
// A JSON string (see JsonString), likewise.
void AppendJsonString(ResultFile& file, std::string_view text);

}  // namespace ddlsim
