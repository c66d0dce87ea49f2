// SPDX-License-Identifier: GPL-2.0-only
//
// Maps of the Internet in line formats: what ns-3's topology-read module reads as well. They state
// no rates or kinds; a link listed at both of its ends is one link.
#include <cctype>
#include <sstream>

#include "base/input-error.h"
#include "base/quantity.h"
#include "topology/file-readers.h"

namespace ddlsim {
namespace {

constexpr size_t kLineSizeMax = 1u << 20;

// Lines with their numbers, taken apart at white space; empty lines and those that begin with '#'
// are passed over.
class LineReader {
 public:
  LineReader(const std::string& text, const TopologyDraft& draft) : m_text(text), m_draft(draft) {}

  bool Next() {
    while (m_offset < m_text.size()) {
      const size_t end = std::min(m_text.find('\n', m_offset), m_text.size());
      ++m_line;
      if (end - m_offset > kLineSizeMax) Refuse("is a line too long", "check the format");
      Split(m_offset, end);
      m_offset = end + 1;
      if (!m_words.empty() && m_words[0][0] != '#') return true;
    }
    return false;
  }
  const std::vector<std::string>& Words() const { return m_words; }
  uint32_t Line() const { return m_line; }

  [[noreturn]] void Refuse(const std::string& problem, const std::string& remedy) const {
    throw InputError(m_draft.Place(m_line), problem, remedy);
  }

 private:
  void Split(size_t begin, size_t end) {
    m_words.clear();
    const auto is_space = [this](size_t i) {
      return std::isspace(static_cast<unsigned char>(m_text[i])) != 0;
    };
    while (begin < end) {
      while (begin < end && is_space(begin)) ++begin;
      size_t stop = begin;
      while (stop < end && !is_space(stop)) ++stop;
      if (stop > begin) m_words.push_back(m_text.substr(begin, stop - begin));
      begin = stop;
    }
  }

  const std::string& m_text;
  const TopologyDraft& m_draft;
  std::vector<std::string> m_words;
  size_t m_offset = 0;
  uint32_t m_line = 0;
};

void AddNodeOnce(const std::string& name, uint32_t line, const TopologyParts& parts,
                 TopologyDraft& draft) {
  if (draft.HasNode(name)) return;
  DraftNode node;
  node.name = name;
  node.config = parts.switches;
  node.line = line;
  draft.AddNode(std::move(node));
}

void AddLinkOf(const std::string& a, const std::string& b, uint32_t line,
               const TopologyParts& parts, TopologyDraft& draft) {
  draft.AddLinkOnce({a, b, parts.links, parts.links, line});
}

}  // namespace

// Inet: a line "NODES LINKS", a line "ID X Y" per node, a line "ID ID WEIGHT" per link.
void ReadInetTopology(const std::string& text, const TopologyParts& parts, TopologyDraft& draft) {
  LineReader lines(text, draft);
  if (!lines.Next() || lines.Words().size() != 2) {
    lines.Refuse("is no head of an Inet map", "write the numbers of nodes and links, as '8 10'");
  }
  const std::string place = draft.Place(lines.Line());
  const uint64_t nodes = ParseCount(place, lines.Words()[0], 1, UINT32_MAX);
  const uint64_t links = ParseCount(place, lines.Words()[1], 1, UINT32_MAX);
  for (uint64_t i = 0; i < nodes; ++i) {
    if (!lines.Next() || lines.Words().size() != 3) {
      lines.Refuse(
          "is no node of an Inet map, of which the head announces " + std::to_string(nodes),
          "write 'ID X Y'");
    }
    if (draft.HasNode(lines.Words()[0])) {
      lines.Refuse("two nodes are named '" + Printable(lines.Words()[0]) + "'",
                   "give each node its own name");
    }
    AddNodeOnce(lines.Words()[0], lines.Line(), parts, draft);
  }
  for (uint64_t i = 0; i < links; ++i) {
    if (!lines.Next() || lines.Words().size() != 3) {
      lines.Refuse(
          "is no link of an Inet map, of which the head announces " + std::to_string(links),
          "write 'ID ID WEIGHT'");
    }
    AddLinkOf(lines.Words()[0], lines.Words()[1], lines.Line(), parts, draft);
  }
  if (lines.Next()) lines.Refuse("is more than the head announces", "correct the first line");
}

// Orbis, and the weights of Rocketfuel: a line "NAME NAME" or "NAME NAME WEIGHT" per link.
void ReadOrbisTopology(const std::string& text, const TopologyParts& parts, TopologyDraft& draft) {
  LineReader lines(text, draft);
  while (lines.Next()) {
    const std::vector<std::string>& words = lines.Words();
    if (words.size() != 2 && words.size() != 3) {
      lines.Refuse("is no link", "write 'NAME NAME' or 'NAME NAME WEIGHT'");
    }
    AddNodeOnce(words[0], lines.Line(), parts, draft);
    AddNodeOnce(words[1], lines.Line(), parts, draft);
    AddLinkOf(words[0], words[1], lines.Line(), parts, draft);
  }
}

// Rocketfuel's ISP maps (Spring, Mahajan, Wetherall, SIGCOMM 2002; the README of its data):
// "UID @LOCATION [+] [bb] (NEIGHBOURS) [&EXTERNAL] -> <UID> ... {-EXTERNAL} ... =NAME rRANK".
// Lines of external nodes (negative numbers) and links to them are passed over.
void ReadRocketfuelTopology(const std::string& text, const TopologyParts& parts,
                            TopologyDraft& draft) {
  LineReader lines(text, draft);
  std::vector<DraftLink> links;  // neighbours may have lines further down
  while (lines.Next()) {
    const std::vector<std::string>& words = lines.Words();
    const std::string& uid = words[0];
    const auto is_number = [](const std::string& word) {
      return !word.empty() && word.find_first_not_of("0123456789") == std::string::npos;
    };
    if (uid[0] == '-' && is_number(uid.substr(1))) continue;
    bool is_behind_arrow = false;
    if (!is_number(uid)) lines.Refuse("begins with no number of a node", "write 'UID @PLACE ...'");
    if (draft.HasNode(uid)) {
      lines.Refuse("two nodes are named '" + uid + "'", "keep one line per node");
    }
    AddNodeOnce(uid, lines.Line(), parts, draft);
    for (const std::string& word : words) {
      if (word == "->") is_behind_arrow = true;
      if (!is_behind_arrow || word[0] != '<') continue;
      const std::string other = word.back() == '>' ? word.substr(1, word.size() - 2) : "";
      if (!is_number(other)) {
        lines.Refuse("'" + Printable(word) + "' is no neighbour", "write <UID>");
      }
      links.push_back({uid, other, parts.links, parts.links, lines.Line()});
    }
    if (!is_behind_arrow) lines.Refuse("has no '->'", "write 'UID @PLACE (N) -> <UID> ... rN'");
  }
  for (DraftLink& link : links) draft.AddLinkOnce(std::move(link));
}

}  // namespace ddlsim
