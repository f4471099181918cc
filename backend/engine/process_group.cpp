// The one file that knows c10d.

#include "backend/engine/process_group.h"

#include <fmt/format.h>
#include <torch/version.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "backend/engine/process_watch.h"

#ifdef NETWRIGHT_C10D
#ifdef NETWRIGHT_GLOO
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#endif
#ifdef USE_C10D_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#endif

namespace netwright {

#ifdef NETWRIGHT_C10D

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds meeting_patience{300};
// Within it a broken connection's process is known by its silence; see ProcessWatch::Times.
constexpr seconds naming_patience{6};
constexpr milliseconds between_looks{250};
constexpr milliseconds watch_reply{3000};

// LibTorch 2 parted what sends from the group that chooses it.
#if TORCH_VERSION_MAJOR >= 2
using Transport = c10d::Backend;
#else
using Transport = c10d::ProcessGroup;
#endif

std::string first_line_of(const std::exception& error) {
  const auto* own = dynamic_cast<const c10::Error*>(&error);
  const std::string text = own ? own->what_without_backtrace() : error.what();
  return text.substr(0, text.find('\n'));
}

/// c10d's store with texts.
class TcpSharedStore : public SharedStore {
 public:
  explicit TcpSharedStore(c10::intrusive_ptr<c10d::Store> store) : store_(std::move(store)) {}
  std::int64_t add(const std::string& key, std::int64_t number) override { return store_->add(key, number); }
  void set(const std::string& key, const std::string& text) override { store_->set(key, {text.begin(), text.end()}); }
  std::string get(const std::string& key) override {
    if (!store_->check({key})) return {};
    const std::vector<std::uint8_t> bytes = store_->get(key);
    return {bytes.begin(), bytes.end()};
  }

 private:
  c10::intrusive_ptr<c10d::Store> store_;
};

c10::intrusive_ptr<c10d::Store> open_store(const ProcessPlace& place, bool serves, milliseconds timeout) {
  c10d::TCPStoreOptions options;
  options.port = static_cast<std::uint16_t>(place.port);
  options.isServer = serves;
  options.waitWorkers = false;
  options.timeout = timeout;
  // What an earlier attempt left with torchrun is none of this one's.
  return c10::make_intrusive<c10d::PrefixStore>(fmt::format("netwright/{}", place.attempt),
                                                c10::make_intrusive<c10d::TCPStore>(place.address, options));
}

struct Company {
  std::vector<std::string> names = {};  ///< by rank, as messages have them
  bool is_on_one_machine = true;
};

/// Once all are there.
Result<Company> meet(const ProcessPlace& place, SharedStore& store) {
  const auto name_key = [](std::size_t rank) { return fmt::format("name/{}", rank); };
  const auto host_key = [](std::size_t rank) { return fmt::format("host/{}", rank); };
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  // Machines may share a name, and containers a machine.
  std::string machine;
  std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), machine);
  machine = fmt::format("{} {}", host.data(), machine);
  const auto own = static_cast<std::size_t>(place.rank);
  store.set(host_key(own), machine);
  store.set(name_key(own), fmt::format("Process {} of {} ({}, pid {})", own, place.size, host.data(), getpid()));
  Company company;
  const auto until = std::chrono::steady_clock::now() + meeting_patience;
  while (static_cast<int>(company.names.size()) < place.size) {
    const std::size_t next = company.names.size();
    if (std::string name = store.get(name_key(next)); !name.empty()) {
      company.names.push_back(std::move(name));
      company.is_on_one_machine = company.is_on_one_machine && store.get(host_key(next)) == machine;
    } else if (std::chrono::steady_clock::now() > until) {
      return Error{fmt::format("Process {} of {} didn't come within {} minutes.", next, place.size,
                               meeting_patience.count() / 60)};
    } else {
      std::this_thread::sleep_for(milliseconds(20));
    }
  }
  return company;
}

#ifdef NETWRIGHT_GLOO
c10::intrusive_ptr<Transport> over_gloo(const c10::intrusive_ptr<c10d::Store>& store, const ProcessPlace& place,
                                        bool is_on_one_machine) {
  using Gloo = c10d::ProcessGroupGloo;
  const auto options = Gloo::Options::create();
  if (const char* interface = std::getenv("GLOO_SOCKET_IFNAME"); interface && *interface != '\0') {
    options->devices.push_back(Gloo::createDeviceForInterface(interface));
  } else {
    // A machine's own name may lead to an address that nothing answers at.
    options->devices.push_back(is_on_one_machine ? Gloo::createDeviceForHostname("127.0.0.1")
                                                 : Gloo::createDefaultDevice());
  }
  return c10::make_intrusive<Gloo>(store, place.rank, place.size, options);
}
#endif

/// Null where LibTorch can't connect such devices.
c10::intrusive_ptr<Transport> connect(const c10::intrusive_ptr<c10d::Store>& store, const ProcessPlace& place,
                                      [[maybe_unused]] torch::Device device, [[maybe_unused]] bool is_on_one_machine) {
#ifdef USE_C10D_NCCL
  if (device.is_cuda()) return c10::make_intrusive<c10d::ProcessGroupNCCL>(store, place.rank, place.size);
#endif
#ifdef NETWRIGHT_GLOO
  return over_gloo(store, place, is_on_one_machine);
#else
  return {};
#endif
}

}  // namespace

struct ProcessGroup::Connection {
  c10::intrusive_ptr<c10d::Store> store;
  c10::intrusive_ptr<Transport> transport;
  std::unique_ptr<ProcessWatch> watch;
  torch::Device device = torch::kCPU;
  bool is_nccl = false;
  bool is_broken = false;

  /// Calls `work` with a dense tensor where the transport can reach it, and waits for the others.
  template <class Begin>
  void run(const torch::Tensor& tensor, const Begin& begin) {
    if (tensor.numel() == 0) return;
    const torch::NoGradGuard no_grad;
    torch::Tensor sent = tensor.detach();
    const bool is_within_reach = is_nccl ? sent.is_cuda() : sent.is_cpu();
    if (!is_within_reach) sent = sent.to(is_nccl ? device : torch::Device(torch::kCPU));
    const bool is_dense = sent.is_non_overlapping_and_dense();
    if (!is_dense) sent = sent.contiguous();
    // As it lies in memory: the order of the axes is the same everywhere.
    std::vector<torch::Tensor> flat = {torch::empty({0}, sent.options())};
    flat.front().set_(sent.storage(), sent.storage_offset(), {sent.numel()}, {1});
    try {
      wait_for(begin(flat));
    } catch (const ProcessLost&) {
      is_broken = true;
      throw;
    } catch (const std::exception& error) {
      is_broken = true;
      const std::string lost = watch->wait_for_loss(naming_patience);
      throw ProcessLost(lost.empty() ? "The connection to another process broke: " + first_line_of(error) : lost);
    }
    if (!is_within_reach || !is_dense) tensor.copy_(sent);
  }

  void wait_for(const c10::intrusive_ptr<c10d::Work>& work) {
    const auto look = [&] {
      if (const std::string lost = watch->lost(); !lost.empty()) throw ProcessLost(lost);
    };
    if (is_nccl) {
      while (!work->isCompleted()) {
        look();
        std::this_thread::sleep_for(std::chrono::microseconds(50));
      }
      work->wait();
      return;
    }
    while (true) {
      try {
        work->wait(between_looks);
        return;
      } catch (const std::exception&) {
        // Either the time is over or the work has failed.
        if (work->isCompleted()) {
          if (work->isSuccess()) return;
          throw;
        }
      }
      look();
    }
  }
};

Result<std::unique_ptr<ProcessGroup>> ProcessGroup::join(const ProcessPlace& place, torch::Device device) {
  try {
    const bool serves = place.rank == 0 && !place.joins_store;
    auto connection = std::make_unique<Connection>();
    connection->store = open_store(place, serves, meeting_patience);
    // Its own connection: the watch must not wait for another's answer.
    auto watched = std::make_unique<TcpSharedStore>(open_store(place, false, watch_reply));
    auto company = meet(place, *watched);
    if (!company) return company.error();
    connection->transport = connect(connection->store, place, device, company->is_on_one_machine);
    if (!connection->transport) {
      return Error{
          "This engine can connect processes over NCCL alone, for GPUs: build it where Gloo's headers are (Debian: "
          "libgloo-dev)."};
    }
    connection->device = device;
    connection->is_nccl = connection->transport->getBackendName() == "nccl";
    connection->watch = std::make_unique<ProcessWatch>(place.rank, std::move(company->names), std::move(watched),
                                                       ProcessWatch::Times());
    return std::unique_ptr<ProcessGroup>(new ProcessGroup(place, std::move(connection)));
  } catch (const std::exception& error) {
    return Error{fmt::format("Process {} of {} couldn't meet the others at {}:{}: {}", place.rank, place.size,
                             place.address, place.port, first_line_of(error))};
  }
}

ProcessGroup::ProcessGroup(const ProcessPlace& place, std::unique_ptr<Connection> connection)
    : place_(place), connection_(std::move(connection)) {}

ProcessGroup::~ProcessGroup() {
  leave("it ended without a word");
}

std::string ProcessGroup::backend() const {
  return connection_->transport->getBackendName();
}

void ProcessGroup::sum(const torch::Tensor& tensor) const {
  connection_->run(tensor, [&](auto& tensors) { return connection_->transport->allreduce(tensors); });
}

void ProcessGroup::maximum(const torch::Tensor& tensor) const {
  c10d::AllreduceOptions options;
  options.reduceOp = c10d::ReduceOp::MAX;
  connection_->run(tensor, [&](auto& tensors) { return connection_->transport->allreduce(tensors, options); });
}

void ProcessGroup::spread(const torch::Tensor& tensor) const {
  connection_->run(tensor, [&](auto& tensors) { return connection_->transport->broadcast(tensors); });
}

void ProcessGroup::leave(const std::string& why) {
  if (!connection_) return;
  connection_->watch->leave(why, place_.rank == 0);
  // What still waits for a lost process would be waited for.
  if (connection_->is_broken || !why.empty()) (void)connection_->transport.release();
  connection_.reset();
}

#else

struct ProcessGroup::Connection {};

Result<std::unique_ptr<ProcessGroup>> ProcessGroup::join(const ProcessPlace& place, torch::Device /*device*/) {
  return Error{fmt::format(
      "{} processes can't train together: this engine was built without c10d. Build it where LibTorch's distributed "
      "part and Gloo's headers are (Debian: libgloo-dev).",
      place.size)};
}

ProcessGroup::~ProcessGroup() = default;
std::string ProcessGroup::backend() const {
  return {};
}
void ProcessGroup::sum(const torch::Tensor&) const {}
void ProcessGroup::maximum(const torch::Tensor&) const {}
void ProcessGroup::spread(const torch::Tensor&) const {}
void ProcessGroup::leave(const std::string&) {}

#endif

std::string ProcessGroup::spread(const std::string& text) const {
  torch::Tensor size = torch::tensor(static_cast<std::int64_t>(text.size()), torch::kInt64);
  spread(size);
  torch::Tensor bytes = torch::zeros({size.item<std::int64_t>()}, torch::kUInt8);
  if (leads()) std::copy(text.begin(), text.end(), bytes.data_ptr<std::uint8_t>());
  spread(bytes);
  return {bytes.data_ptr<std::uint8_t>(), bytes.data_ptr<std::uint8_t>() + bytes.numel()};
}

}  // namespace netwright
