// SPDX-License-Identifier: GPL-2.0-only
//
// Counter-based random numbers and name keys: a draw is a pure function of what it is for, so that
// neither the order of events nor a partition of the network can change it (invariants 2 and 6 of
// docs/ARCHITECTURE.md).
#pragma once

#include <cstdint>
#include <string_view>

namespace ddlsim {

// Bijective mixing of 64 bits (the finaliser of SplitMix64: Steele, Lea, Flood, OOPSLA 2014).
inline uint64_t Mix64(uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

inline uint64_t CombineKeys(uint64_t a, uint64_t b) {
  return Mix64(Mix64(a) ^ (b + 0x632be59bd9b4e019u));
}

// Key of a node or link name.
inline uint64_t NameKey(std::string_view name) {
  uint64_t key = 0x6a09e667f3bcc909u ^ name.size();
  for (unsigned char c : name) key = Mix64(key ^ c);
  return key;
}

// Uniform in [0, 2^64) for (seed, stream, item), where a stream is a flow or a link and an item a
// transmission on it.
inline uint64_t Draw(uint64_t seed, uint64_t stream, uint64_t item) {
  return CombineKeys(CombineKeys(seed, stream), item);
}

// The threshold t for which `Draw(...) < t` has the given probability (1 is exact: always).
inline uint64_t ProbabilityThreshold(double probability) {
  if (probability >= 1.0) return UINT64_MAX;
  return static_cast<uint64_t>(probability * 18446744073709551616.0);
}

}  // namespace ddlsim
