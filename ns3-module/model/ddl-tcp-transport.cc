// SPDX-License-Identifier: GPL-2.0-only
#include "ddl-tcp-transport.h"

#include <algorithm>
#include <stdexcept>

#include "ddl-ethernet-frame.h"
#include "nic/rdma-nic.h"
#include "ns3/inet-socket-address.h"
#include "ns3/tcp-l4-protocol.h"
#include "ns3/tcp-socket-factory.h"
#include "ns3/uinteger.h"

namespace ns3 {
namespace ddl {
namespace {

constexpr uint16_t kPort = 5201;
constexpr uint32_t kBufferBytesMin = 4u << 20;  // what Linux lets a sender's buffer grow to
constexpr uint32_t kBufferBytesMax = 1u << 30;  // the largest window that TCP can announce

}  // namespace

TcpTransport::TcpTransport(::ddlsim::RdmaNic& nic, const TcpHosts& hosts, const TcpConfig& config)
    : m_nic(nic), m_hosts(hosts), m_config(config) {
  if (config.segment_bytes == 0) throw std::invalid_argument("TCP segments of zero bytes");
}

// Sockets hold callbacks to this object, and live as long as their nodes.
TcpTransport::~TcpTransport() {
  for (Connection& connection : m_connections) {
    for (const Ptr<Socket>& socket : {connection.sender, connection.receiver}) {
      if (socket == nullptr) continue;
      socket->SetConnectCallback(MakeNullCallback<void, Ptr<Socket>>(),
                                 MakeNullCallback<void, Ptr<Socket>>());
      socket->SetCloseCallbacks(MakeNullCallback<void, Ptr<Socket>>(),
                                MakeNullCallback<void, Ptr<Socket>>());
      socket->SetSendCallback(MakeNullCallback<void, Ptr<Socket>, uint32_t>());
      socket->SetDataSentCallback(MakeNullCallback<void, Ptr<Socket>, uint32_t>());
      socket->SetRecvCallback(MakeNullCallback<void, Ptr<Socket>>());
    }
  }
  for (const auto& [host, socket] : m_listening) {
    socket->SetAcceptCallback(MakeNullCallback<bool, Ptr<Socket>, const Address&>(),
                              MakeNullCallback<void, Ptr<Socket>, const Address&>());
  }
}

void TcpTransport::SetListener(::ddlsim::TransportListener* listener) {
  m_listener = listener;
  m_nic.SetListener(listener);
}

uint64_t TcpTransport::NowPs() const {
  return m_nic.NowPs();
}

void TcpTransport::SetTimer(uint32_t host, uint64_t delay_ps, uint32_t key, uint64_t cookie) {
  m_nic.SetTimer(host, delay_ps, key, cookie);
}

::ddlsim::Framing TcpTransport::Framing() {
  ::ddlsim::Framing framing;
  framing.header_bytes = kEthernetHeaderBytes + 20 + 20 + kEthernetFcsBytes;
  framing.first_bytes = 0;
  framing.ack_bytes = kEthernetFrameBytesMin;
  framing.frame_bytes_min = kEthernetFrameBytesMin;
  return framing;
}

void TcpTransport::SendMessage(uint32_t src_host, uint32_t dst_host, uint32_t channel,
                               uint64_t size_bytes, uint64_t cookie) {
  const uint32_t index = FindConnection(src_host, dst_host, channel);
  Connection& connection = m_connections[index];
  connection.queued_bytes += std::max<uint64_t>(size_bytes, 1);
  connection.messages.push_back({size_bytes, cookie, NowPs(), connection.queued_bytes});
  if (connection.sender == nullptr) Open(index);
  Fill(connection);
}

uint32_t TcpTransport::FindConnection(uint32_t src_host, uint32_t dst_host, uint32_t channel) {
  const auto [found, is_new] = m_index.emplace(std::make_tuple(src_host, dst_host, channel),
                                               static_cast<uint32_t>(m_connections.size()));
  if (!is_new) return found->second;
  if (src_host == dst_host) throw std::logic_error("a TCP connection of a host with itself");
  Connection& connection = m_connections.emplace_back();
  connection.src_host = src_host;
  connection.dst_host = dst_host;
  connection.channel = channel;
  const ::ddlsim::Fabric& fabric = m_nic.GetFabric();
  connection.path = std::make_unique<::ddlsim::PathModel>(fabric.Path(src_host, dst_host, 0),
                                                          fabric.Path(dst_host, src_host, 0),
                                                          m_config.segment_bytes, Framing());
  connection.buffer_bytes = BufferBytes(connection);
  return found->second;
}

// Four bandwidth-delay products, so that one loss does not empty the path, and a floor for queues.
uint32_t TcpTransport::BufferBytes(const Connection& connection) const {
  uint64_t bytes = m_config.buffer_bytes;
  if (bytes == 0) {
    bytes = std::max<uint64_t>(kBufferBytesMin, 4 * connection.path->WindowBytes(2));
  }
  return static_cast<uint32_t>(std::min<uint64_t>(bytes, kBufferBytesMax));
}

void TcpTransport::Listen(uint32_t host) {
  Ptr<Socket>& listening = m_listening[host];
  if (listening != nullptr) return;
  listening = Socket::CreateSocket(m_hosts.node(host), TcpSocketFactory::GetTypeId());
  // The reader takes everything at once: only what is out of order stays.
  listening->SetAttribute("RcvBufSize", UintegerValue(kBufferBytesMax));
  listening->SetAttribute("SegmentSize", UintegerValue(m_config.segment_bytes));
  listening->Bind(InetSocketAddress(Ipv4Address::GetAny(), kPort));
  listening->SetAcceptCallback(MakeNullCallback<bool, Ptr<Socket>, const Address&>(),
                               MakeCallback(&TcpTransport::OnAccept, this).Bind(host));
  listening->Listen();
}

void TcpTransport::Open(uint32_t index) {
  Connection& connection = m_connections[index];
  ++m_counters.connections;
  m_hosts.introduce(connection.src_host, connection.dst_host);
  Listen(connection.dst_host);
  const Ptr<Node> node = m_hosts.node(connection.src_host);
  connection.sender = node->GetObject<TcpL4Protocol>()->CreateSocket(m_config.variant);
  ConfigureSender(index);
  const Ipv4Address own = m_hosts.address(connection.src_host);
  connection.sender->Bind(InetSocketAddress(own, 0));
  Address name;
  connection.sender->GetSockName(name);
  const uint16_t port = InetSocketAddress::ConvertFrom(name).GetPort();
  m_expected[{connection.dst_host, own.Get(), port}] = index;
  connection.sender->Connect(InetSocketAddress(m_hosts.address(connection.dst_host), kPort));
}

void TcpTransport::ConfigureSender(uint32_t index) {
  Connection& connection = m_connections[index];
  const Ptr<Socket>& socket = connection.sender;
  socket->SetAttribute("SegmentSize", UintegerValue(m_config.segment_bytes));
  socket->SetAttribute("SndBufSize", UintegerValue(connection.buffer_bytes));
  // A window beyond the buffer is never used; ns-3's would grow in slow start until it overflows.
  socket->SetAttribute("InitialSlowStartThreshold",
                       UintegerValue(uint64_t{2} * connection.buffer_bytes));
  socket->SetConnectCallback(MakeCallback(&TcpTransport::OnConnected, this).Bind(index),
                             MakeCallback(&TcpTransport::OnConnectFailed, this).Bind(index));
  socket->SetCloseCallbacks(MakeNullCallback<void, Ptr<Socket>>(),
                            MakeCallback(&TcpTransport::OnErrorClose, this).Bind(index));
  socket->SetSendCallback(MakeCallback(&TcpTransport::OnWritable, this).Bind(index));
  socket->SetDataSentCallback(MakeCallback(&TcpTransport::OnDataSent, this).Bind(index));
  socket->TraceConnectWithoutContext("Tx",
                                     MakeCallback(&TcpTransport::OnSegment, this).Bind(index));
}

// Hands the socket what it has room for.
void TcpTransport::Fill(Connection& connection) {
  while (connection.written_bytes < connection.queued_bytes) {
    const uint64_t left = connection.queued_bytes - connection.written_bytes;
    const uint64_t room = connection.sender->GetTxAvailable();
    const uint32_t bytes = static_cast<uint32_t>(std::min(left, room));
    if (bytes == 0 || connection.sender->Send(Create<Packet>(bytes)) < 0) return;
    connection.written_bytes += bytes;
  }
}

void TcpTransport::OnConnected(uint32_t index, Ptr<Socket>) {
  Fill(m_connections[index]);
}

void TcpTransport::OnConnectFailed(uint32_t index, Ptr<Socket>) {
  m_connections[index].failure = "could not be opened: too many attempts were lost";
}

void TcpTransport::OnErrorClose(uint32_t index, Ptr<Socket>) {
  m_connections[index].failure = "gave up after too many retransmission timeouts in a row";
}

void TcpTransport::OnWritable(uint32_t index, Ptr<Socket>, uint32_t) {
  Connection& connection = m_connections[index];
  Fill(connection);
  CheckAcknowledged(connection);
}

void TcpTransport::OnDataSent(uint32_t index, Ptr<Socket>, uint32_t bytes) {
  Connection& connection = m_connections[index];
  connection.transmitted_bytes += bytes;
  while (connection.transmitted_messages < connection.messages.size()) {
    const Message& message = connection.messages[connection.transmitted_messages];
    if (message.end_offset > connection.transmitted_bytes) break;
    ++connection.transmitted_messages;
    if (m_listener != nullptr) {
      m_listener->OnMessageTransmitted(connection.src_host, connection.dst_host, message.cookie);
    }
  }
  Forget(connection);
}

// The sender's buffer holds what is not acknowledged.
void TcpTransport::CheckAcknowledged(Connection& connection) {
  const uint64_t held = connection.buffer_bytes - connection.sender->GetTxAvailable();
  const uint64_t acknowledged_bytes = connection.written_bytes - held;
  while (connection.acknowledged_messages < connection.transmitted_messages) {
    const Message& message = connection.messages[connection.acknowledged_messages];
    if (message.end_offset > acknowledged_bytes) break;
    ++connection.acknowledged_messages;
    if (m_listener != nullptr) {
      m_listener->OnMessageAcknowledged(connection.src_host, connection.dst_host, message.cookie);
    }
  }
  Forget(connection);
}

void TcpTransport::Forget(Connection& connection) {
  while (std::min({connection.transmitted_messages, connection.received_messages,
                   connection.acknowledged_messages}) > 0) {
    connection.messages.pop_front();
    --connection.transmitted_messages;
    --connection.received_messages;
    --connection.acknowledged_messages;
  }
}

// Every segment that TCP gives to IP, those without data too.
void TcpTransport::OnSegment(uint32_t index, Ptr<const Packet> packet, const TcpHeader& header,
                             Ptr<const TcpSocketBase>) {
  if (packet->GetSize() == 0) return;
  Connection& connection = m_connections[index];
  ++m_counters.data_segments;
  // Sequence numbers begin at 1 and wrap; what is sent is less than 2^31 bytes from what was.
  const uint32_t end = header.GetSequenceNumber().GetValue() - 1 + packet->GetSize();
  const int32_t ahead = static_cast<int32_t>(end - static_cast<uint32_t>(connection.sent_bytes));
  if (ahead > 0) {
    connection.sent_bytes += static_cast<uint32_t>(ahead);
    return;
  }
  ++m_counters.retransmitted_segments;
  const uint64_t end_offset = connection.sent_bytes - static_cast<uint64_t>(-int64_t{ahead});
  const auto found = std::lower_bound(
      connection.messages.begin(), connection.messages.end(), end_offset,
      [](const Message& message, uint64_t offset) { return message.end_offset < offset; });
  if (found != connection.messages.end()) ++found->retransmissions;
}

void TcpTransport::OnAccept(uint32_t host, Ptr<Socket> socket, const Address& from) {
  const InetSocketAddress peer = InetSocketAddress::ConvertFrom(from);
  const auto found = m_expected.find({host, peer.GetIpv4().Get(), peer.GetPort()});
  if (found == m_expected.end()) return;
  m_connections[found->second].receiver = socket;
  socket->SetRecvCallback(MakeCallback(&TcpTransport::OnReadable, this).Bind(found->second));
}

void TcpTransport::OnReadable(uint32_t index, Ptr<Socket> socket) {
  Connection& connection = m_connections[index];
  while (const Ptr<Packet> packet = socket->Recv()) {
    if (packet->GetSize() == 0) break;
    connection.received_bytes += packet->GetSize();
  }
  while (connection.received_messages < connection.messages.size()) {
    const Message message = connection.messages[connection.received_messages];
    if (message.end_offset > connection.received_bytes) break;
    ++connection.received_messages;
    Report(connection, message);
    if (m_listener != nullptr) {
      m_listener->OnMessageReceived(connection.dst_host, connection.src_host, message.cookie,
                                    message.size_bytes);
    }
  }
  Forget(connection);
}

void TcpTransport::Report(const Connection& connection, const Message& message) {
  if (m_flow_observer == nullptr) return;
  ::ddlsim::FlowRecord record;
  record.src_host = connection.src_host;
  record.dst_host = connection.dst_host;
  record.channel = connection.channel;
  record.cookie = message.cookie;
  record.size_bytes = message.size_bytes;
  record.start_ps = message.start_ps;
  record.end_ps = NowPs();
  record.ideal_ps = connection.path->IdealPs(std::max<uint64_t>(message.size_bytes, 1));
  record.retransmitted_packets = message.retransmissions;
  m_flow_observer->OnFlow(record);
}

std::vector<std::string> TcpTransport::Failures() const {
  std::vector<std::string> failures;
  const auto& nodes = m_nic.GetFabric().Graph().Nodes();
  for (const Connection& connection : m_connections) {
    if (connection.failure.empty()) continue;
    failures.push_back("TCP connection " + nodes[connection.src_host].name + " -> " +
                       nodes[connection.dst_host].name + " " + connection.failure);
  }
  return failures;
}

}  // namespace ddl
}  // namespace ns3
