// SPDX-License-Identifier: MIT
//
// The one way in which libraries of this project report bad input. Programs catch it in main(),
// print what() on one line and end with status 2; libraries never exit and never print.
#pragma once

#include <stdexcept>
#include <string>

namespace ddlsim {

// Bad input from a user: an option, a configuration key, a file. what() is one line,
// "PLACE: PROBLEM; REMEDY". The place is an option ("--hosts"), a key or FILE:LINE.
class InputError : public std::runtime_error {
 public:
  InputError(std::string place, std::string problem, std::string remedy);

  const std::string& Place() const { return m_place; }
  const std::string& Problem() const { return m_problem; }
  const std::string& Remedy() const { return m_remedy; }

 private:
  std::string m_place;
  std::string m_problem;
  std::string m_remedy;
};

// Untrusted text made fit for one line of a message: control characters and bytes outside ASCII
// escaped, cut to `size_max` characters.
std::string Printable(const std::string& text, size_t size_max = 80);

// "did you mean 'X'?" for the candidate nearest to `word` by edit distance, or a list of the
// candidates where none is near: the first 32 of them.
std::string Suggest(const std::string& word, const std::string* candidates, size_t count);

template <typename Container>
std::string Suggest(const std::string& word, const Container& candidates) {
  return Suggest(word, candidates.data(), candidates.size());
}

}  // namespace ddlsim
