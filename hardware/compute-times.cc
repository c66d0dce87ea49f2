// SPDX-License-Identifier: MIT
#include "hardware/compute-times.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>

#include "base/input-error.h"
#include "base/quantity.h"
#include "base/rounding.h"

namespace ddlsim {
namespace {

constexpr size_t kLinesMax = 1000000;
constexpr size_t kLineMax = 4096;
constexpr const char* kHeader = "class,shape,name,direction,microseconds";
constexpr double kMicrosecondsMax = 1e9;

const std::vector<std::string> kClasses = {"matmul",    "attention", "convolution",
                                           "norm",      "loss",      "elementwise",
                                           "embedding", "optimizer", "streaming"};
const std::vector<std::string> kDirections = {"forward", "recompute", "backward",
                                              "backward_weights", "any"};

std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (char c : text) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

// '*' stands for any characters.
bool Matches(const std::string& pattern, const std::string& text) {
  size_t p = 0, t = 0, star = pattern.npos, resumed = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resumed = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != pattern.npos) {
      p = star + 1;
      t = ++resumed;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

void CheckChoice(const std::string& place, const char* what, const std::string& text,
                 const std::vector<std::string>& known) {
  if (std::find(known.begin(), known.end(), text) != known.end()) return;
  throw InputError(place, std::string(what) + " '" + Printable(text) + "' does not exist",
                   Suggest(text, known));
}

uint64_t ReadNs(const std::string& place, const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !std::isfinite(value) || value < 0 ||
      value > kMicrosecondsMax) {
    throw InputError(place, "microseconds are '" + Printable(text) + "'",
                     "write a number from 0 to 1e9");
  }
  return Rounded(value * 1000);
}

std::optional<Precision> PrecisionOf(const std::string& name) {
  for (int i = 0; i < kPrecisionCount; ++i) {
    if (name == PrecisionName(static_cast<Precision>(i))) return static_cast<Precision>(i);
  }
  return std::nullopt;
}

}  // namespace

ComputeTimes::ComputeTimes(const std::string& path) {
  std::ifstream file(path);
  if (!file) {
    throw InputError("--compute-times", "'" + Printable(path, 200) + "' cannot be read",
                     "name a CSV file");
  }
  std::string line;
  for (size_t number = 1; std::getline(file, line); ++number) {
    const std::string place = Printable(path, 200) + ":" + std::to_string(number);
    if (number > kLinesMax || line.size() > kLineMax) {
      throw InputError(place, "the file is too long", "keep to the rows that are needed");
    }
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (number == 1 && line != kHeader) {
      throw InputError(place, "is no header of measured times",
                       std::string("begin the file with ") + kHeader);
    }
    if (number > 1 && !line.empty()) AddRow(place, Split(line, ','));
  }
  if (m_named.empty() && m_shapes.empty() && m_streaming.empty()) {
    throw InputError(Printable(path, 200), "has no rows", "write one row per measurement");
  }
}

void ComputeTimes::AddRow(const std::string& place, const std::vector<std::string>& fields) {
  if (fields.size() != 5) {
    throw InputError(place, "has " + std::to_string(fields.size()) + " fields",
                     "write five: " + std::string(kHeader));
  }
  const std::string &operation_class = fields[0], &shape = fields[1], &name = fields[2];
  const std::string direction = fields[3].empty() ? "any" : fields[3];
  if (!operation_class.empty()) CheckChoice(place, "class", operation_class, kClasses);
  CheckChoice(place, "direction", direction, kDirections);
  if (shape.empty() == name.empty()) {
    throw InputError(place, "states both of shape and name, or neither", "write one of the two");
  }
  const uint64_t duration_ns = ReadNs(place, fields[4]);
  if (!shape.empty()) return AddShape(place, operation_class, shape, direction, duration_ns);
  m_named.push_back({place, operation_class, name, direction, duration_ns});
}

// "bf16:1x4096x8192x1024" of products (count, m, n, k), "bf16:32x4096x4096x128" of attention
// (heads times samples, queries, keys, dimension), "1048576" bytes of streaming kernels.
void ComputeTimes::AddShape(const std::string& place, const std::string& operation_class,
                            const std::string& text, const std::string& direction,
                            uint64_t duration_ns) {
  if (operation_class == "streaming") {
    if (!m_streaming.emplace(ParseCount(place, text, 1, uint64_t{1} << 50), duration_ns).second) {
      throw InputError(place, "the shape is there twice", "keep one row of it");
    }
    return;
  }
  const bool is_attention = operation_class == "attention";
  if (!is_attention && operation_class != "matmul" && operation_class != "convolution") {
    throw InputError(place, "shapes are of matmul, convolution, attention or streaming",
                     "name the operation instead");
  }
  if (is_attention && direction != "forward" && direction != "backward") {
    throw InputError(place, "attention by its shape is either forward or backward",
                     "state the direction");
  }
  const std::vector<std::string> halves = Split(text, ':');
  const std::vector<std::string> sizes = Split(halves.back(), 'x');
  const std::optional<Precision> precision = PrecisionOf(halves.front());
  if (halves.size() != 2 || sizes.size() != 4 || !precision) {
    throw InputError(place, "'" + Printable(text) + "' is no shape",
                     "write it as bf16:1x4096x8192x1024 (count, m, n, k)");
  }
  uint64_t values[4];
  for (int i = 0; i < 4; ++i) values[i] = ParseCount(place, sizes[i], 1, uint64_t{1} << 40);
  const auto kind = !is_attention            ? MatrixKernel::Kind::kProduct
                    : direction == "forward" ? MatrixKernel::Kind::kAttentionForward
                                             : MatrixKernel::Kind::kAttentionBackward;
  const Shape shape{kind, *precision, values[0], values[1], values[2], values[3]};
  if (!m_shapes.emplace(shape, duration_ns).second) {
    throw InputError(place, "the shape is there twice", "keep one row of it");
  }
}

uint64_t ComputeTimes::OperationNs(const Gpu& gpu, Precision precision, const std::string& name,
                                   const std::string& operation_class, const Work& work) {
  const size_t slash = name.rfind('/');
  const std::string operation = slash == name.npos ? name : name.substr(slash + 1);
  std::string direction = slash == name.npos ? "" : name.substr(0, slash);
  direction = direction.substr(direction.rfind('/') + 1);  // behind "micro3/"; npos + 1 is 0
  for (Named& row : m_named) {
    if (!row.operation_class.empty() && row.operation_class != operation_class) continue;
    if (row.direction != "any" && row.direction != direction) continue;
    if (!Matches(row.pattern, operation)) continue;
    row.is_used = true;
    return row.duration_ns;
  }
  Work rest{work.operations, work.memory_bytes, work.kernels};
  uint64_t duration_ns = 0;
  for (const MatrixKernel& kernel : work.matrix_kernels) {
    rest.operations -= kernel.counted_operations;
    rest.memory_bytes -= kernel.memory_bytes;
    rest.kernels -= std::min<uint64_t>(rest.kernels, 1);
    duration_ns = std::min(kRooflineMaxNs, duration_ns + KernelNs(gpu, kernel));
  }
  if (work.matrix_kernels.empty() && UnitOfClass(operation_class) == ArithmeticUnit::kMatrix) {
    return DurationNs(gpu, precision, ArithmeticUnit::kMatrix, work);
  }
  if (m_streaming.empty()) {
    return duration_ns + DurationNs(gpu, precision, ArithmeticUnit::kVector, rest);
  }
  return duration_ns + (rest.memory_bytes > 0 ? StreamingNs(rest.memory_bytes) : 0);
}

uint64_t ComputeTimes::KernelNs(const Gpu& gpu, const MatrixKernel& kernel) const {
  // A product and its transpose are the same to the matrix units.
  for (const auto& [m, n] : {std::pair(kernel.m, kernel.n), std::pair(kernel.n, kernel.m)}) {
    const auto found = m_shapes.find({kernel.kind, kernel.precision, kernel.count, m, n, kernel.k});
    if (found != m_shapes.end()) return found->second;
    if (kernel.kind != MatrixKernel::Kind::kProduct) break;
  }
  return MatrixKernelNs(gpu, kernel) + gpu.kernel_overhead_ns;
}

// Between two measured sizes on the line through them; beyond the last by its rate.
uint64_t ComputeTimes::StreamingNs(uint64_t memory_bytes) const {
  const auto above = m_streaming.lower_bound(memory_bytes);
  if (above == m_streaming.begin()) return above->second;
  const auto below = std::prev(above);
  const auto bytes = static_cast<double>(memory_bytes);
  const auto low = static_cast<double>(below->first), low_ns = static_cast<double>(below->second);
  double duration_ns = low_ns * bytes / low;
  if (above != m_streaming.end()) {
    duration_ns = low_ns + (static_cast<double>(above->second) - low_ns) * (bytes - low) /
                               (static_cast<double>(above->first) - low);
  }
  return static_cast<uint64_t>(std::min(duration_ns + 0.5, static_cast<double>(kRooflineMaxNs)));
}

std::string ComputeTimes::UnusedPlace() const {
  for (const Named& row : m_named) {
    if (!row.is_used) return row.place;
  }
  return {};
}

}  // namespace ddlsim
