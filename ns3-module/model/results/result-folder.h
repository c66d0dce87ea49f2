// SPDX-License-Identifier: GPL-2.0-only
//
// The folder of one run: ROOT/NAME/, with ROOT/latest pointing to the newest finished one.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "results/result-file.h"

namespace ddlsim {

struct ResultFolderOptions {
  std::string place = "--out";  // what messages name: the option that the folder comes from
  bool update_latest = true;    // point ROOT/latest here when the run has finished
};

// Invariants:
//  1. A file under its final name is whole. Until Finish() there are only NAME.part files, and a
//     process that dies leaves only those.
//  2. summary.json gets its name last, so where it is, all the others are whole too.
//  3. Files that are no result files are never touched: a folder that is neither empty nor the
//     folder of an earlier run is refused.
//  4. One run at a time writes to a folder.
class ResultFolder {
 public:
  // Throws InputError where the constructor would; writes nothing.
  static void Check(const std::string& root, const std::string& name,
                    const ResultFolderOptions& options = {});

  // Creates the folder (and ROOT), and removes the result files of an earlier run in it. Throws
  // InputError for a name that is none, a folder that cannot be written or is no result folder, and
  // one that another run is writing to.
  ResultFolder(const std::string& root, const std::string& name, ResultFolderOptions options = {});
  ~ResultFolder();  // without Finish() before, leaves the .part files
  ResultFolder(const ResultFolder&) = delete;
  ResultFolder& operator=(const ResultFolder&) = delete;

  const std::string& Path() const { return m_path; }  // ROOT/NAME
  // ROOT/latest, once Finish() has pointed it here; empty before, and on file systems without
  // links.
  const std::string& LatestPath() const { return m_latest_path; }

  // A file to write to until Finish(). The name is one of ResultFileNames() or pcap/NAME.pcap, each
  // taken once (std::logic_error otherwise).
  ResultFile& Open(const std::string& file_name);
  void Write(const std::string& file_name, const std::string& text);

  // Hands what is buffered to the system, so that a run of hours can be followed.
  void Flush();
  // Gives all files their names. std::system_error (disk full) leaves all of them as .part.
  void Finish();
  // Removes what this run has created. Nothing may be called after it.
  void Discard();

 private:
  void Lock();
  void RemoveStaleFiles();
  void RemoveCaptures();
  void PointLatestHere();

  ResultFolderOptions m_options;
  std::string m_root;
  std::string m_name;
  std::string m_path;
  std::string m_latest_path;
  std::vector<std::string> m_created_folders;  // outermost first
  std::map<std::string, std::unique_ptr<ResultFile>> m_files;
  bool m_is_summary_taken = false;
  bool m_is_finished = false;
  int m_lock = -1;
};

// Every file that a run may write, summary.json last; beside these there is pcap/.
const std::vector<std::string>& ResultFileNames();

}  // namespace ddlsim
