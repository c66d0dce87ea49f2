// SPDX-License-Identifier: MIT
#include "workload-gen/describe/pipeline-diagram.h"

#include <gtest/gtest.h>

namespace ddlsim {
namespace {

TEST(PassName, IsReadFromOurNames) {
  const PassName pass = ParsePassName("iteration2/micro13/backward/block5.attention.core", false);
  EXPECT_EQ(pass.kind, 'B');
  EXPECT_EQ(pass.iteration, 2u);
  EXPECT_EQ(pass.micro_batch, 13u);
  EXPECT_EQ(ParsePassName("iteration0/forward/embedding", false).kind, 'F');
  EXPECT_EQ(ParsePassName("iteration0/recompute/embedding", false).kind, 'B');
  EXPECT_EQ(ParsePassName("iteration0/optimizer", false).kind, 'O');
  EXPECT_EQ(ParsePassName("iteration0/backward_weights/x", false).kind, 'B');
  EXPECT_EQ(ParsePassName("iteration0/backward_weights/x", true).kind, 'W');
}

TEST(PassName, OtherNamesSayNothing) {
  for (const char* name : {"", "iteration", "iteration0", "iterationX/forward/a", "aten::mm",
                           "iteration99999999999/forward/a", "iteration0/sideways/a"}) {
    EXPECT_EQ(ParsePassName(name, false).kind, 0) << name;
  }
}

PassSpan Span(char kind, uint32_t micro_batch, uint32_t stage, uint64_t begin, uint64_t end) {
  return {{kind, 0, micro_batch}, stage, begin, end, {begin}};
}

TEST(PipelineDiagram, ShowsPassesAndIdleTime) {
  const std::string text = PipelineDiagram({Span('F', 0, 0, 0, 20), Span('B', 0, 0, 60, 100),
                                            Span('F', 0, 1, 20, 40), Span('B', 0, 1, 40, 60)},
                                           20);
  EXPECT_NE(text.find("  stage 0   F0ff........B0bbbbbb 40.0 % idle\n"
                      "  stage 1   ....F0ffB0bb........ 60.0 % idle\n"),
            text.npos)
      << text;
}

TEST(PipelineDiagram, NarrowPassesShowTheirKind) {
  const std::string text = PipelineDiagram(
      {Span('F', 10, 0, 0, 10), Span('F', 11, 0, 10, 20), Span('B', 10, 0, 20, 200)}, 20);
  EXPECT_NE(text.find("FFB10bbbbbbbbbbbbbbb  0.0 % idle"), text.npos) << text;
}

TEST(PipelineDiagram, LaterIterationsAreLeftOut) {
  PassSpan second = Span('F', 0, 0, 100, 200);
  second.pass.iteration = 1;
  const std::string text = PipelineDiagram({Span('F', 0, 0, 0, 100), second}, 20);
  EXPECT_NE(text.find("F0ffffffffffffffffff  0.0 % idle"), text.npos) << text;
  EXPECT_EQ(PipelineDiagram({}, 20), "");
}

}  // namespace
}  // namespace ddlsim
