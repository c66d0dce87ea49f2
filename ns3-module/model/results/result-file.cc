// SPDX-License-Identifier: GPL-2.0-only
#include "results/result-file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <utility>

#include "results/escaped-text.h"

namespace ddlsim {
namespace {

constexpr size_t kBufferBytes = 128 << 10;

[[noreturn]] void Fail(const std::string& path) {
  throw std::system_error(errno, std::generic_category(), path + " cannot be written");
}

}  // namespace

ResultFile::ResultFile(std::string path) : m_path(std::move(path)), m_buffer(kBufferBytes) {
  m_descriptor = open((m_path + ".part").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (m_descriptor < 0) Fail(m_path);
}

ResultFile::~ResultFile() {
  try {
    Close();
  } catch (const std::system_error&) {
    // The run has failed already; what could be written is there.
  }
  if (m_descriptor >= 0) close(m_descriptor);
}

void ResultFile::Append(std::string_view text) {
  if (m_buffer.size() - m_used < text.size()) Flush();
  if (text.size() > m_buffer.size()) {
    WriteAll(text.data(), text.size());
    return;
  }
  if (!text.empty()) std::memcpy(m_buffer.data() + m_used, text.data(), text.size());
  m_used += text.size();
}

void ResultFile::WriteAll(const char* data, size_t size) {
  while (size > 0) {
    const ssize_t written = write(m_descriptor, data, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) Fail(m_path);
    data += written;
    size -= static_cast<size_t>(written);
  }
}

void ResultFile::Flush() {
  const size_t size = std::exchange(m_used, 0);
  WriteAll(m_buffer.data(), size);
}

void ResultFile::Close() {
  if (m_descriptor < 0) return;
  Append(std::exchange(m_trailer, {}));
  Flush();
  if (close(std::exchange(m_descriptor, -1)) != 0) Fail(m_path);
}

void ResultFile::Publish() {
  Close();
  if (std::rename((m_path + ".part").c_str(), m_path.c_str()) != 0) Fail(m_path);
}

void ResultFile::Remove() {
  m_used = 0;
  m_trailer.clear();
  if (m_descriptor >= 0) close(std::exchange(m_descriptor, -1));
  unlink((m_path + ".part").c_str());
}

void AppendCsvField(ResultFile& file, std::string_view text) {
  if (IsPlainText(text)) {
    file.Append(text);
  } else {
    file.Append(CsvField(text));
  }
}

void AppendJsonString(ResultFile& file, std::string_view text) {
  if (IsPlainText(text)) {
    file.Append("\"");
    file.Append(text);
    file.Append("\"");
  } else {
    file.Append(JsonString(text));
  }
}

}  // namespace ddlsim
