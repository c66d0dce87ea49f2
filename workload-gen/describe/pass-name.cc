// SPDX-License-Identifier: MIT
#include "workload-gen/describe/pass-name.h"

#include <absl/strings/match.h>
#include <absl/strings/numbers.h>
#include <absl/strings/string_view.h>
#include <absl/strings/strip.h>

namespace ddlsim {
namespace {

// Takes "WORD<number>/" off the front.
bool TakeNumber(absl::string_view word, absl::string_view& text, uint32_t& number) {
  absl::string_view rest = text;
  if (!absl::ConsumePrefix(&rest, word)) return false;
  const size_t slash = rest.find('/');
  if (slash == rest.npos || !absl::SimpleAtoi(rest.substr(0, slash), &number)) return false;
  text = rest.substr(slash + 1);
  return true;
}

bool IsLaterPiece(absl::string_view text) {
  const size_t place = text.rfind(".piece");
  if (place == text.npos) return false;
  const absl::string_view which = text.substr(place + 6);
  uint32_t number = 0;
  return which == "_sum" || (absl::SimpleAtoi(which, &number) && number > 0);
}

}  // namespace

PassName ParsePassName(const std::string& name, bool has_weights_pass) {
  absl::string_view text = name;
  PassName pass;
  if (!TakeNumber("iteration", text, pass.iteration)) return {};
  TakeNumber("micro", text, pass.micro_batch);
  if (absl::StartsWith(text, "forward/")) {
    pass.kind = 'F';
  } else if (absl::StartsWith(text, "backward_weights/")) {
    pass.kind = has_weights_pass ? 'W' : 'B';
  } else if (absl::StartsWith(text, "backward/") || absl::StartsWith(text, "recompute/")) {
    pass.kind = 'B';
  } else if (text == "optimizer") {
    pass.kind = 'O';
  } else {
    return {};
  }
  pass.is_later_piece = IsLaterPiece(text);
  return pass;
}

}  // namespace ddlsim
