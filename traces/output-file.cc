// SPDX-License-Identifier: MIT
#include "traces/output-file.h"

// libmd's header lacks the includes that it needs itself.
#include <sys/types.h>

#include <sha2.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "base/input-error.h"

namespace ddlsim {
namespace {

[[noreturn]] void Refuse(const std::string& path) {
  throw InputError(path, std::string("cannot be written: ") + std::strerror(errno),
                   "name a folder that can be written, with space left");
}

}  // namespace

class OutputFile::Impl {
 public:
  explicit Impl(const std::string& path) : m_path(path) {
    SHA256Init(&m_context);
    m_file = std::fopen(PartPath().c_str(), "wb");
    if (m_file == nullptr) Refuse(m_path);
  }

  ~Impl() {
    if (m_file != nullptr) std::fclose(m_file);
    if (!m_is_committed) std::remove(PartPath().c_str());
  }

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void Write(const std::string& bytes) {
    SHA256Update(&m_context, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
    m_size_bytes += bytes.size();
    if (std::fwrite(bytes.data(), 1, bytes.size(), m_file) != bytes.size()) Refuse(m_path);
  }

  void Close() {
    if (m_file == nullptr) return;
    std::FILE* file = m_file;
    m_file = nullptr;
    if (std::fclose(file) != 0) Refuse(m_path);
    char digest[SHA256_DIGEST_STRING_LENGTH];
    m_sha256 = SHA256End(&m_context, digest);
  }

  void Commit() {
    Close();
    if (std::rename(PartPath().c_str(), m_path.c_str()) != 0) Refuse(m_path);
    m_is_committed = true;
  }

  std::string PartPath() const { return m_path + ".part"; }
  uint64_t SizeBytes() const { return m_size_bytes; }
  const std::string& Sha256() const { return m_sha256; }

 private:
  std::string m_path;
  std::FILE* m_file = nullptr;
  SHA2_CTX m_context;
  uint64_t m_size_bytes = 0;
  std::string m_sha256;
  bool m_is_committed = false;
};

OutputFile::OutputFile(const std::string& path) : m_impl(std::make_unique<Impl>(path)) {}
OutputFile::~OutputFile() = default;
void OutputFile::Write(const std::string& bytes) {
  m_impl->Write(bytes);
}
void OutputFile::Close() {
  m_impl->Close();
}
void OutputFile::Commit() {
  m_impl->Commit();
}
std::string OutputFile::PartPath() const {
  return m_impl->PartPath();
}
uint64_t OutputFile::SizeBytes() const {
  return m_impl->SizeBytes();
}
const std::string& OutputFile::Sha256() const {
  return m_impl->Sha256();
}

namespace {

std::filesystem::path WithoutEndingSlash(std::filesystem::path folder) {
  while (!folder.has_filename() && folder.has_relative_path()) folder = folder.parent_path();
  return folder;
}

bool IsOfTraces(const std::filesystem::path& file) {
  const std::filesystem::path name = file.extension() == ".part" ? file.stem() : file.filename();
  return name == "manifest.json" || name.extension() == ".et";
}

}  // namespace

std::string Sha256OfFile(const std::string& path) {
  std::error_code error;
  char digest[SHA256_DIGEST_STRING_LENGTH];
  // The check comes first, since opening a pipe would block.
  if (!std::filesystem::is_regular_file(path, error) ||
      SHA256File(path.c_str(), digest) == nullptr) {
    throw InputError(path, "cannot be read", "name a set whose files are all there");
  }
  return digest;
}

void CreateFolder(const std::string& folder) {
  std::error_code error;
  const std::filesystem::path link = WithoutEndingSlash(folder);
  if (std::filesystem::is_symlink(link, error)) {
    throw InputError(
        folder,
        "is a link to " + Printable(std::filesystem::read_symlink(link, error).string(), 200),
        "name a new folder");
  }
  std::filesystem::create_directories(folder, error);
  if (error || !std::filesystem::is_directory(folder, error)) {
    throw InputError(folder,
                     "cannot be created as a folder" + (error ? ": " + error.message() : ""),
                     "name a folder that can be written");
  }
}

void CreateTraceFolder(const std::string& folder) {
  CreateFolder(folder);
  std::error_code error;
  if (std::filesystem::exists(std::filesystem::path(folder) / "manifest.json", error)) return;
  std::filesystem::directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    if (IsOfTraces(entry->path())) continue;
    throw InputError(folder,
                     "has '" + Printable(entry->path().filename().string()) +
                         "' in it, which is no part of a trace set",
                     "name a new folder");
  }
}

}  // namespace ddlsim
