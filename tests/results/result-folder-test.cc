// SPDX-License-Identifier: MIT
#include "results/result-folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>

#include "base/input-error.h"
#include "test-folder.h"

namespace ddlsim {
namespace {

using Names = std::vector<std::string>;
namespace fs = std::filesystem;

void FinishRun(const std::string& root, const std::string& name, const std::string& text) {
  ResultFolder folder(root, name);
  folder.Write("summary.json", text);
  folder.Finish();
}

std::string RefusalOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const InputError& error) {
    EXPECT_EQ(error.Place(), "--out");
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    return error.Problem();
  }
  return "";
}

TEST(ResultFolder, FilesGetTheirNamesOnlyWhenAllAreWhole) {
  TestFolder test;
  ResultFolder folder(test.Path("deep/results"), "run");
  ResultFile& flows = folder.Open("flows.csv");
  flows.Append("id\n");
  folder.Write("summary.json", "{}\n");
  EXPECT_EQ(test.Names("deep/results/run"), (Names{"flows.csv.part", "summary.json.part"}));
  EXPECT_EQ(folder.LatestPath(), "");
  folder.Finish();
  EXPECT_EQ(test.Names("deep/results/run"), (Names{"flows.csv", "summary.json"}));
  EXPECT_EQ(test.Read("deep/results/run/flows.csv"), "id\n");
  EXPECT_EQ(test.Read("deep/results/latest/summary.json"), "{}\n");
  EXPECT_EQ(folder.LatestPath(), test.Path("deep/results/latest"));
}

TEST(ResultFolder, WithoutFinishOnlyPartsStayWithWhatWasWritten) {
  TestFolder test;
  {
    ResultFolder folder(test.Path(), "run");
    folder.Open("flows.csv").Append("id\n0\n");
    ResultFile& timeline = folder.Open("timeline.json");
    timeline.Append("[");
    timeline.SetTrailer("]");
  }
  EXPECT_EQ(test.Names("run"),
            (Names{"flows.csv.part", "summary.json.part", "timeline.json.part"}));
  EXPECT_EQ(test.Read("run/flows.csv.part"), "id\n0\n");
  EXPECT_EQ(test.Read("run/timeline.json.part"), "[]");
  EXPECT_FALSE(test.Has("latest"));
}

TEST(ResultFolder, FlushShowsWhatThereIs) {
  TestFolder test;
  ResultFolder folder(test.Path(), "run");
  folder.Open("flows.csv").Append("id\n");
  EXPECT_EQ(test.Read("run/flows.csv.part"), "");
  folder.Flush();
  EXPECT_EQ(test.Read("run/flows.csv.part"), "id\n");
}

TEST(ResultFolder, AnEarlierRunLeavesNothingBehind) {
  TestFolder test;
  {
    ResultFolder folder(test.Path(), "run");
    folder.Write("flows.csv", "old\n");
    folder.Write("summary.json", "old\n");
    folder.Finish();
  }
  test.Put("run/links.csv.part", "old\n");
  test.Put("run/report.md", "old\n");
  test.Put("run/figures/timeline.png", "old\n");
  test.Put("run/notes.txt", "mine\n");
  {
    ResultFolder folder(test.Path(), "run");
    EXPECT_EQ(test.Names("run"), (Names{"notes.txt", "summary.json.part"}));
    folder.Write("summary.json", "new\n");
    folder.Finish();
  }
  EXPECT_EQ(test.Names("run"), (Names{"notes.txt", "summary.json"}));
  EXPECT_EQ(test.Read("run/summary.json"), "new\n");
}

TEST(ResultFolder, ACrashedRunsFolderCanBeUsedAgain) {
  TestFolder test;
  { ResultFolder folder(test.Path(), "run"); }
  FinishRun(test.Path(), "run", "{}");
  EXPECT_EQ(test.Names("run"), Names{"summary.json"});
}

TEST(ResultFolder, LatestPointsToTheNewestFinishedRun) {
  TestFolder test;
  FinishRun(test.Path(), "first", "1");
  FinishRun(test.Path(), "second", "2");
  EXPECT_EQ(fs::read_symlink(test.Path("latest")), "second");  // relative: the tree can be moved
  FinishRun(test.Path(), "first", "3");
  EXPECT_EQ(test.Read("latest/summary.json"), "3");
  { ResultFolder crashed(test.Path(), "third"); }
  EXPECT_EQ(fs::read_symlink(test.Path("latest")), "first");
  ResultFolderOptions options;
  options.update_latest = false;
  ResultFolder quiet(test.Path(), "fourth", options);
  quiet.Write("summary.json", "4");
  quiet.Finish();
  EXPECT_EQ(fs::read_symlink(test.Path("latest")), "first");
  EXPECT_EQ(test.Names(), (Names{"first", "fourth", "latest", "second", "third"}));
}

TEST(ResultFolder, OtherPeoplesFoldersAreRefusedUntouched) {
  TestFolder test;
  test.Put("scenario/config.yaml", "mine\n");
  EXPECT_NE(RefusalOf([&] { ResultFolder(test.Path(), "scenario"); }).find("no results"),
            std::string::npos);
  EXPECT_EQ(test.Read("scenario/config.yaml"), "mine\n");
  EXPECT_EQ(test.Names("scenario"), Names{"config.yaml"});
}

TEST(ResultFolder, AnEmptyFolderIsTaken) {
  TestFolder test;
  fs::create_directory(test.Path("run"));
  FinishRun(test.Path(), "run", "{}");
  EXPECT_TRUE(test.Has("run/summary.json"));
}

TEST(ResultFolder, BadNamesAreRefused) {
  TestFolder test;
  for (const std::string name : {"", ".", "..", ".hidden", "a/b", "latest", "a\nb", "a\x1b"}) {
    EXPECT_NE(RefusalOf([&] { ResultFolder(test.Path(), name); }), "") << name;
  }
  EXPECT_NE(RefusalOf([&] { ResultFolder(test.Path(), std::string(201, 'x')); }), "");
  EXPECT_TRUE(test.Names().empty());
}

TEST(ResultFolder, PathsThatAreNoFoldersAreRefused) {
  TestFolder test;
  test.Put("file", "mine\n");
  EXPECT_NE(RefusalOf([&] { ResultFolder(test.Path("file"), "run"); }), "");
  EXPECT_NE(RefusalOf([&] { ResultFolder(test.Path("file/below"), "run"); }), "");
  EXPECT_NE(RefusalOf([&] { ResultFolder(test.Path(), "file"); }), "");
  EXPECT_NE(RefusalOf([&] { ResultFolder("/proc", "run"); }), "");
  EXPECT_EQ(test.Read("file"), "mine\n");
}

TEST(ResultFolder, UnwritableFoldersAreRefused) {
  if (geteuid() == 0) GTEST_SKIP() << "root may write anywhere";
  TestFolder test;
  fs::create_directory(test.Path("locked"));
  chmod(test.Path("locked").c_str(), 0555);
  EXPECT_NE(RefusalOf([&] { ResultFolder(test.Path("locked"), "run"); }), "");
  EXPECT_NE(RefusalOf([&] { ResultFolder(test.Path("locked/deep"), "run"); }), "");
  EXPECT_NE(RefusalOf([&] { ResultFolder::Check(test.Path("locked"), "run"); }), "");
}

TEST(ResultFolder, ALatestThatIsNoLinkIsRefused) {
  TestFolder test;
  test.Put("latest", "mine\n");
  EXPECT_NE(RefusalOf([&] { ResultFolder(test.Path(), "run"); }), "");
  EXPECT_EQ(test.Names(), Names{"latest"});
}

TEST(ResultFolder, CheckWritesNothing) {
  TestFolder test;
  ResultFolder::Check(test.Path("new/results"), "run");
  EXPECT_TRUE(test.Names().empty());
}

TEST(ResultFolder, TwoRunsCannotShareAFolder) {
  TestFolder test;
  ResultFolder folder(test.Path(), "run");
  folder.Write("flows.csv", "first\n");
  EXPECT_NE(RefusalOf([&] { ResultFolder(test.Path(), "run"); }).find("another run"),
            std::string::npos);
  folder.Write("summary.json", "{}");
  folder.Finish();
  EXPECT_EQ(test.Read("run/flows.csv"), "first\n");
}

TEST(ResultFolder, DiscardRemovesWhatTheRunCreated) {
  TestFolder test;
  {
    ResultFolder folder(test.Path("new/results"), "run");
    folder.Write("flows.csv", "id\n");
    folder.Discard();
  }
  EXPECT_TRUE(test.Names().empty());
}

TEST(ResultFolder, MistakesOfTheProgramAreLogicErrors) {
  TestFolder test;
  ResultFolder folder(test.Path(), "run");
  EXPECT_THROW(folder.Open("other.csv"), std::logic_error);
  folder.Open("flows.csv");
  EXPECT_THROW(folder.Open("flows.csv"), std::logic_error);
  EXPECT_THROW(folder.Finish(), std::logic_error);  // no summary yet
  folder.Write("summary.json", "{}");
  EXPECT_THROW(folder.Write("summary.json", "{}"), std::logic_error);
  folder.Finish();
  EXPECT_THROW(folder.Open("links.csv"), std::logic_error);
}

TEST(ResultFolder, ASymbolicLinkInTheFolderIsNotFollowed) {
  TestFolder test;
  FinishRun(test.Path(), "run", "{}");
  test.Put("precious", "mine\n");
  fs::create_symlink(test.Path("precious"), test.Path("run/flows.csv.part"));
  ResultFolder folder(test.Path(), "run");
  folder.Write("flows.csv", "id\n");
  folder.Write("summary.json", "{}");
  folder.Finish();
  EXPECT_EQ(test.Read("precious"), "mine\n");
  EXPECT_EQ(test.Read("run/flows.csv"), "id\n");
}

TEST(ResultFile, AFullDiskIsAnErrorAndNoFileGetsItsName) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  TestFolder test;
  fs::create_symlink("/dev/full", test.Path("flows.csv.part"));
  ResultFile file(test.Path("flows.csv"));
  file.Append("id\n");
  EXPECT_THROW(file.Publish(), std::system_error);
  EXPECT_FALSE(test.Has("flows.csv"));
}

TEST(ResultFile, TextLargerThanTheBufferStaysInOrder) {
  TestFolder test;
  std::string expected;
  {
    ResultFile file(test.Path("flows.csv"));
    for (const size_t size : {1u, 200000u, 3u, 131071u, 2u, 131072u, 131073u, 5u}) {
      const std::string text(size, static_cast<char>('a' + expected.size() % 26));
      file.Append(text);
      expected += text;
    }
    file.Publish();
  }
  EXPECT_EQ(test.Read("flows.csv"), expected);
}

}  // namespace
}  // namespace ddlsim
