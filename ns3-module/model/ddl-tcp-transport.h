// SPDX-License-Identifier: GPL-2.0-only
//
// Training traffic over ns-3's TCP: what clusters without RDMA do, and training across wide areas.
#ifndef DDL_TCP_TRANSPORT_H
#define DDL_TCP_TRANSPORT_H

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "ddl-fabric-channel.h"
#include "nic/flow-record.h"
#include "nic/path-model.h"
#include "nic/transport.h"
#include "ns3/ipv4-address.h"
#include "ns3/node.h"
#include "ns3/socket.h"
#include "ns3/tcp-header.h"
#include "ns3/tcp-socket-base.h"

namespace ns3 {
namespace ddl {

struct TcpConfig {
  TypeId variant;              ///< of TcpCongestionOps
  uint32_t segment_bytes = 0;  ///< as ns3::TcpSocket::SegmentSize
  uint64_t buffer_bytes = 0;   ///< of a sender's socket; 0: see TcpTransport::BufferBytes()
};

struct TcpCounters {
  uint64_t data_segments = 0;  ///< sent, retransmissions included
  uint64_t retransmitted_segments = 0;
  uint64_t connections = 0;
};

/** How the transport finds its hosts: TCP's nodes and addresses. */
struct TcpHosts {
  std::function<Ptr<Node>(uint32_t host)> node;
  std::function<Ipv4Address(uint32_t host)> address;
  /** Called before the first packet between the two. */
  std::function<void(uint32_t src_host, uint32_t dst_host)> introduce;
};

/**
 * One connection per (source, destination, channel), opened by its first message, so that the
 * handshake counts. Messages follow each other in the byte stream without framing of their own:
 * both ends know their sizes. A message of zero bytes is one byte on the wire.
 *
 * A message is transmitted when TCP has first sent its last byte, received when the receiver's
 * socket has handed over its last byte, acknowledged when the sender's buffer has let go of it.
 *
 * Everything else is ns-3's: attributes of ns3::TcpSocket, ns3::TcpSocketBase and the variant.
 */
class TcpTransport : public ::ddlsim::Transport {
 public:
  /** `nic` owns the ports and keeps the timers; it outlives the transport. */
  TcpTransport(::ddlsim::RdmaNic& nic, const TcpHosts& hosts, const TcpConfig& config);
  ~TcpTransport() override;
  TcpTransport(const TcpTransport&) = delete;
  TcpTransport& operator=(const TcpTransport&) = delete;

  /** Also gets the timers; both outlive the run. */
  void SetListener(::ddlsim::TransportListener* listener);
  void SetFlowObserver(::ddlsim::FlowObserver* observer) { m_flow_observer = observer; }

  // Transport
  uint64_t NowPs() const override;
  void SendMessage(uint32_t src_host, uint32_t dst_host, uint32_t channel, uint64_t size_bytes,
                   uint64_t cookie) override;
  void SetTimer(uint32_t host, uint64_t delay_ps, uint32_t key, uint64_t cookie) override;

  const TcpCounters& Counters() const { return m_counters; }
  /** Connections that gave up, in words, in the order of their opening. */
  std::vector<std::string> Failures() const;

  /** Ethernet, IPv4 and TCP without options. */
  static ::ddlsim::Framing Framing();

 private:
  struct Message {
    uint64_t size_bytes;
    uint64_t cookie;
    uint64_t start_ps;
    uint64_t end_offset;  // in the stream
    uint32_t retransmissions = 0;
  };
  struct Connection {
    uint32_t src_host = 0;
    uint32_t dst_host = 0;
    uint32_t channel = 0;
    Ptr<Socket> sender;
    Ptr<Socket> receiver;
    std::unique_ptr<::ddlsim::PathModel> path;
    std::deque<Message> messages;     // until transmitted, received and acknowledged
    size_t transmitted_messages = 0;  // of `messages`, likewise below
    size_t received_messages = 0;
    size_t acknowledged_messages = 0;
    // Bytes of the stream: handed over by messages, accepted by the socket, first sent, arrived.
    uint64_t queued_bytes = 0;
    uint64_t written_bytes = 0;
    uint64_t sent_bytes = 0;  // ahead of transmitted_bytes within an event
    uint64_t transmitted_bytes = 0;
    uint64_t received_bytes = 0;
    uint32_t buffer_bytes = 0;
    std::string failure;
  };

  uint32_t FindConnection(uint32_t src_host, uint32_t dst_host, uint32_t channel);
  void Open(uint32_t index);
  void ConfigureSender(uint32_t index);
  uint32_t BufferBytes(const Connection& connection) const;
  void Listen(uint32_t host);
  void Fill(Connection& connection);
  void CheckAcknowledged(Connection& connection);
  void Forget(Connection& connection);

  void OnConnected(uint32_t index, Ptr<Socket> socket);
  void OnConnectFailed(uint32_t index, Ptr<Socket> socket);
  void OnErrorClose(uint32_t index, Ptr<Socket> socket);
  void OnWritable(uint32_t index, Ptr<Socket> socket, uint32_t available_bytes);
  void OnDataSent(uint32_t index, Ptr<Socket> socket, uint32_t bytes);
  void OnSegment(uint32_t index, Ptr<const Packet> packet, const TcpHeader& header,
                 Ptr<const TcpSocketBase> socket);
  void OnAccept(uint32_t host, Ptr<Socket> socket, const Address& from);
  void OnReadable(uint32_t index, Ptr<Socket> socket);
  void Report(const Connection& connection, const Message& message);

  ::ddlsim::RdmaNic& m_nic;
  const TcpHosts m_hosts;
  const TcpConfig m_config;
  ::ddlsim::TransportListener* m_listener = nullptr;
  ::ddlsim::FlowObserver* m_flow_observer = nullptr;
  std::deque<Connection> m_connections;                                     // never move
  std::map<std::tuple<uint32_t, uint32_t, uint32_t>, uint32_t> m_index;     // (src, dst, channel)
  std::map<std::tuple<uint32_t, uint32_t, uint16_t>, uint32_t> m_expected;  // (dst, address, port)
  std::map<uint32_t, Ptr<Socket>> m_listening;                              // by host
  TcpCounters m_counters;
};

}  // namespace ddl
}  // namespace ns3

#endif /* DDL_TCP_TRANSPORT_H */
