// SPDX-License-Identifier: MIT
#include "traces/byte-source.h"

#include <sys/stat.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include "base/input-error.h"
#include "traces/wire-cursor.h"

namespace ddlsim {
namespace {
constexpr size_t kBufferBytes = 64 << 10;
}

class ByteSource::Impl {
 public:
  explicit Impl(const std::string& path) : m_raw(kBufferBytes) {
    m_file = std::fopen(path.c_str(), "rb");
    if (m_file == nullptr) {
      throw InputError(path, std::string("cannot be opened: ") + std::strerror(errno),
                       "name a readable trace file");
    }
    try {
      struct stat facts = {};
      // A pipe would block and a folder cannot be read.
      if (fstat(fileno(m_file), &facts) != 0 || !S_ISREG(facts.st_mode)) {
        throw InputError(path, "is not a regular file", "name a readable trace file");
      }
      FillRaw();
      // 1f 8b cannot begin a plain trace: its metadata record would hold a field of an unknown
      // type.
      m_is_gzip = m_raw_end >= 2 && m_raw[0] == 0x1f && m_raw[1] == 0x8b;
      if (m_is_gzip) {
        m_plain.resize(kBufferBytes);
        if (inflateInit2(&m_inflate, 16 + MAX_WBITS) != Z_OK) throw std::bad_alloc();
      }
    } catch (...) {
      std::fclose(m_file);
      throw;
    }
  }

  ~Impl() {
    if (m_is_gzip) inflateEnd(&m_inflate);
    std::fclose(m_file);
  }

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  size_t Read(char* out, size_t size) {
    size_t done = 0;
    while (done < size) {
      std::vector<uint8_t>& buffer = m_is_gzip ? m_plain : m_raw;
      size_t& begin = m_is_gzip ? m_plain_begin : m_raw_begin;
      size_t& end = m_is_gzip ? m_plain_end : m_raw_end;
      if (begin == end) {
        if (m_is_gzip) {
          FillPlain();
        } else {
          FillRaw();
        }
        if (begin == end) break;
      }
      const size_t count = std::min(size - done, end - begin);
      std::memcpy(out + done, buffer.data() + begin, count);
      begin += count;
      done += count;
    }
    m_offset_bytes += done;
    return done;
  }

  uint64_t OffsetBytes() const { return m_offset_bytes; }

 private:
  void FillRaw() {
    m_raw_begin = 0;
    m_raw_end = std::fread(m_raw.data(), 1, m_raw.size(), m_file);
    if (m_raw_end == 0 && std::ferror(m_file) != 0) throw RecordError("cannot be read");
  }

  // Leaves the buffer empty only at the end of a whole last gzip member.
  void FillPlain() {
    m_plain_begin = m_plain_end = 0;
    while (m_plain_end == 0) {
      if (m_raw_begin == m_raw_end) FillRaw();
      if (m_raw_begin == m_raw_end) {
        if (m_member_is_whole) return;
        throw RecordError("the gzip stream is cut off");
      }
      if (m_member_is_whole) {  // further members may follow; anything else is damage
        if (m_raw[m_raw_begin] != 0x1f)
          throw RecordError("bytes follow the end of the gzip stream");
        inflateReset(&m_inflate);
        m_member_is_whole = false;
      }
      m_inflate.next_in = m_raw.data() + m_raw_begin;
      m_inflate.avail_in = static_cast<uInt>(m_raw_end - m_raw_begin);
      m_inflate.next_out = m_plain.data();
      m_inflate.avail_out = static_cast<uInt>(m_plain.size());
      const int status = inflate(&m_inflate, Z_NO_FLUSH);
      m_raw_begin = m_raw_end - m_inflate.avail_in;
      m_plain_end = m_plain.size() - m_inflate.avail_out;
      if (status == Z_STREAM_END) {
        m_member_is_whole = true;
      } else if (status != Z_OK) {
        throw RecordError("the gzip stream is damaged");
      }
    }
  }

  std::FILE* m_file = nullptr;
  std::vector<uint8_t> m_raw;
  size_t m_raw_begin = 0;
  size_t m_raw_end = 0;
  bool m_is_gzip = false;
  bool m_member_is_whole = false;
  z_stream m_inflate = {};
  std::vector<uint8_t> m_plain;
  size_t m_plain_begin = 0;
  size_t m_plain_end = 0;
  uint64_t m_offset_bytes = 0;
};

ByteSource::ByteSource(const std::string& path) : m_impl(std::make_unique<Impl>(path)) {}
ByteSource::~ByteSource() = default;
size_t ByteSource::Read(char* out, size_t size) {
  return m_impl->Read(out, size);
}
uint64_t ByteSource::OffsetBytes() const {
  return m_impl->OffsetBytes();
}

}  // namespace ddlsim
