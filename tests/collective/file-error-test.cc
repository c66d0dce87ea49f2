// SPDX-License-Identifier: MIT
//
// Files that are not what they should be: where the mistake is, what it is, what to do.
#include <gtest/gtest.h>

#include "collective/msccl-text.h"
#include "collective/schedule-file.h"

namespace ddlsim {
namespace {

const CollectiveSpec kSpec = FileSpec(CollectiveType::kAllReduce, 2, 200);

std::string Json(const std::string& steps) {
  return R"({"collective": "all_reduce", "ranks": 2, "chunks": 2, "steps": )" + steps + "}";
}

TEST(ScheduleFileErrors, Json) {
  EXPECT_EQ(LoadError("{\n\"ranks\": }", kSpec), "FILE:2: is not valid JSON; correct the syntax");
  EXPECT_EQ(LoadError("[]", kSpec), "FILE: is no object; write {...}");
  EXPECT_EQ(LoadError("", kSpec), "FILE:1: is not valid JSON; correct the syntax");
  EXPECT_EQ(LoadError(R"({"colective": 3})", kSpec),
            "FILE: has an unknown member 'colective'; did you mean 'collective'?");
  EXPECT_EQ(LoadError("{}", kSpec), "FILE: has no 'collective'; add it");
  EXPECT_EQ(LoadError(R"({"collective": "al_reduce"})", kSpec),
            "FILE: collective: 'al_reduce' is no collective; did you mean 'all_reduce'?");
  EXPECT_EQ(LoadError(R"({"collective": "all_reduce", "ranks": -2})", kSpec),
            "FILE: ranks: is out of range; use a whole number from 1 to 1024");
  EXPECT_EQ(LoadError(R"({"collective": "all_gather", "ranks": 2, "chunks": 3})", kSpec),
            "FILE: chunks: are no multiple of the ranks; give every rank's block the same number "
            "of chunks");
  EXPECT_EQ(LoadError(Json("3"), kSpec), "FILE: steps: is no list; use [...]");
  EXPECT_EQ(LoadError(Json("[3]"), kSpec), "FILE: steps[0]: is no list; list its transfers");
  EXPECT_EQ(LoadError(Json("[[], [3]]"), kSpec), "FILE: steps[1][0]: is no object; write {...}");
  EXPECT_EQ(LoadError(Json(R"([[{"from": 0, "to": 2}]])"), kSpec),
            "FILE: steps[0][0]: to: is out of range; use a whole number from 0 to 1");
  EXPECT_EQ(LoadError(Json(R"([[{"from": 0, "to": 1, "chunk": 1, "count": 2}]])"), kSpec),
            "FILE: steps[0][0]: chunk: is out of range; use a whole number from 0 to 0");
  EXPECT_EQ(LoadError(Json(R"([[{"from": 0, "to": 1, "chunk": 1, "lane": 1}]])"), kSpec),
            "FILE: steps[0][0]: lane: is out of range; use a whole number from 0 to 0");
  EXPECT_EQ(LoadError(Json(R"([[{"from": 0, "to": 0, "chunk": 1}]])"), kSpec),
            "FILE: is no all_reduce: rank 0 sends to no peer in step 0; correct the algorithm");
}

TEST(ScheduleFileErrors, FilesForSomethingElse) {
  const std::string text = MscclRing(2);
  EXPECT_EQ(LoadError(text, FileSpec(CollectiveType::kAllGather, 2, 200)),
            "FILE: is an algorithm for all_reduce, asked for is all_gather; name a file for the "
            "collective");
  EXPECT_EQ(LoadError(text, FileSpec(CollectiveType::kAllReduce, 4, 200)),
            "FILE: is for 2 ranks, the group has 4; name a file for as many ranks");
  EXPECT_EQ(
      LoadError(text, FileSpec(CollectiveType::kAllReduce, 2, 201)),
      "--size: 201 bytes cannot be cut into the 2 equal chunks of FILE; use a multiple of the "
      "number of chunks");
  EXPECT_EQ(LoadError(std::string(size_t{17} << 20, ' '), kSpec),
            "FILE: is larger than 16 MiB; name a file that was written for this purpose");
}

std::string Xml(const std::string& inside) {
  return "<algo nchunksperloop=\"2\" ngpus=\"2\" coll=\"allreduce\" inplace=\"1\">\n" + inside +
         "\n</algo>\n";
}

std::string XmlGpu(const std::string& blocks) {
  return Xml("<gpu id=\"0\" i_chunks=\"2\" o_chunks=\"2\" s_chunks=\"0\">\n" + blocks + "\n</gpu>");
}

std::string XmlStep(const std::string& attributes) {
  return XmlGpu("<tb id=\"0\" send=\"1\" recv=\"-1\" chan=\"0\">\n<step s=\"0\" " + attributes +
                "/>\n</tb>");
}

TEST(ScheduleFileErrors, Xml) {
  EXPECT_EQ(LoadError("<algo>\n<gpu>\n</algo>", kSpec).substr(0, 7), "FILE:3:");
  EXPECT_EQ(LoadError("<algorithm/>", kSpec), "FILE:1: has no <algo>; name an algorithm of MSCCL");
  EXPECT_EQ(LoadError("<!DOCTYPE algo [<!ENTITY a \"b\">]><algo/>", kSpec),
            "FILE:1: declares a document type; remove it");
  EXPECT_EQ(LoadError("\n<algo coll=\"alreduce\"/>", kSpec),
            "FILE:2: <algo> has the unknown coll 'alreduce'; did you mean 'allreduce'?");
  EXPECT_EQ(LoadError("<algo coll=\"allreduce\" nchunksperloop=\"0\"/>", kSpec),
            "FILE:1: <algo> has no valid nchunksperloop ('0'); use a whole number from 1 to 65536");
  EXPECT_EQ(LoadError(Xml(""), kSpec),
            "FILE:1: <algo> has no <gpu id=\"0\">; describe all of ngpus");
  EXPECT_EQ(LoadError(Xml("<gpu id=\"2\"/>"), kSpec),
            "FILE:2: <gpu> has no valid id ('2'); use a whole number from 0 to 1");
  EXPECT_EQ(LoadError(XmlGpu(""), kSpec), "FILE:2: <gpu> has no <tb>; say what it does");
  EXPECT_EQ(LoadError(XmlGpu("<tb id=\"0\" send=\"7\" chan=\"0\"/>"), kSpec),
            "FILE:3: <tb> has no valid send ('7'); use a whole number from 0 to 1");
  EXPECT_EQ(LoadError(XmlStep("type=\"x\""), kSpec).substr(0, 41),
            "FILE:4: <step> has the unknown type 'x'; ");
  EXPECT_EQ(LoadError(XmlStep("type=\"s\""), kSpec),
            "FILE:4: <step> has no valid cnt (''); use a whole number from 1 to 65536");
  EXPECT_EQ(LoadError(XmlStep("type=\"s\" cnt=\"1\" srcbuf=\"q\""), kSpec),
            "FILE:4: <step> has no valid srcbuf; use i, o or s");
  EXPECT_EQ(LoadError(XmlStep("type=\"nop\" depid=\"3\""), kSpec),
            "FILE:4: <step> has one of depid and deps alone; state both, or -1 for both");
  EXPECT_EQ(LoadError(XmlStep("type=\"nop\" depid=\"3\" deps=\"0\""), kSpec),
            "FILE:4: <step> depends on a step that is not there; name a step of the same gpu");
  const std::string range = "srcbuf=\"i\" srcoff=\"0\" dstbuf=\"i\" dstoff=\"0\" cnt=\"1\"";
  EXPECT_EQ(LoadError(XmlStep("type=\"r\" " + range), kSpec),
            "FILE:4: <step> sends or receives, but its tb has no such peer; name the peer");
}

TEST(ScheduleFileErrors, XmlMessagesWithoutPartner) {
  std::string text = MscclRing(2);
  const size_t at = text.find("cnt=\"1\"");
  std::string longer = text;
  longer.replace(at, 7, "cnt=\"2\"");
  EXPECT_EQ(LoadError(longer, kSpec),
            "FILE:12: <step> receives another cnt than is sent from gpu 0 to gpu 1 on channel 0; "
            "send what is received");
  std::string less = text;
  const size_t last = less.rfind("<step");
  less.erase(last, less.find('\n', last) + 1 - last);
  EXPECT_EQ(LoadError(less, kSpec),
            "FILE: has 2 sends and 1 receives from gpu 0 to gpu 1 on channel 0; receive each "
            "message once");
  std::string beyond = text;
  const size_t offset = beyond.find("srcoff=\"0\"");
  beyond.replace(offset, 10, "srcoff=\"2\"");
  EXPECT_EQ(LoadError(beyond, kSpec),
            "FILE:4: <step> reaches beyond its buffer; correct offset or cnt");
}

}  // namespace
}  // namespace ddlsim
