// Who is missed, and what is said of it, with a store and processes that are only played.

#include <QTest>
#include <map>
#include <stdexcept>
#include <thread>

#include "backend/engine/process_group.h"
#include "backend/engine/process_watch.h"

using namespace netwright;
using namespace std::chrono_literals;

namespace {

struct Board {
  std::mutex mutex;
  std::map<std::string, std::int64_t> numbers;
  std::map<std::string, std::string> texts;
  bool is_silent = false;  ///< nobody answers
  bool is_hanging = false;
};

class PlayedStore : public SharedStore {
 public:
  explicit PlayedStore(std::shared_ptr<Board> board) : board_(std::move(board)) {}
  std::int64_t add(const std::string& key, std::int64_t number) override {
    const auto lock = answered();
    return board_->numbers[key] += number;
  }
  void set(const std::string& key, const std::string& text) override {
    const auto lock = answered();
    board_->texts[key] = text;
  }
  std::string get(const std::string& key) override {
    const auto lock = answered();
    return board_->texts[key];
  }

 private:
  std::unique_lock<std::mutex> answered() {
    std::unique_lock lock(board_->mutex);
    while (board_->is_hanging) {
      lock.unlock();
      std::this_thread::sleep_for(5ms);
      lock.lock();
    }
    if (board_->is_silent) throw std::runtime_error("no answer");
    return lock;
  }
  std::shared_ptr<Board> board_;
};

constexpr ProcessWatch::Times quick{.between_beats = 10ms, .silence = 400ms, .suspicion = 100ms};

struct Watched {
  std::shared_ptr<Board> board = std::make_shared<Board>();
  std::unique_ptr<ProcessWatch> process(int rank, int size = 2) {
    std::vector<std::string> names;
    for (int i = 0; i < size; ++i) names.push_back("Process " + std::to_string(i));
    return std::make_unique<ProcessWatch>(rank, names, std::make_unique<PlayedStore>(board), quick);
  }
  void put(bool Board::*what) {
    const std::lock_guard lock(board->mutex);
    (*board).*what = true;
  }
};

QString text(const std::string& said) {
  return QString::fromStdString(said);
}

}  // namespace

class TestProcessWatch : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void all_are_there() {
    Watched world;
    const auto first = world.process(0);
    const auto second = world.process(1);
    QCOMPARE(text(first->wait_for_loss(600ms)), QString());
    QCOMPARE(text(second->lost()), QString());
  }

  void a_silent_one_is_lost() {
    Watched world;
    const auto first = world.process(0);
    QTRY_VERIFY_WITH_TIMEOUT(!first->lost().empty(), 2000);
    QVERIFY2(first->lost().starts_with("Process 1 was lost: it has given no sign of life"), first->lost().c_str());
  }

  void suspicion_makes_it_quicker() {
    Watched world;
    const auto first = world.process(0);
    QElapsedTimer clock;
    clock.start();
    QVERIFY(text(first->wait_for_loss(5s)).startsWith("Process 1 was lost"));
    QVERIFY(clock.elapsed() < 380);
  }

  void a_failed_one_says_why_and_others_pass_it_on() {
    Watched world;
    const auto first = world.process(0, 3);
    const auto second = world.process(1, 3);
    const auto third = world.process(2, 3);
    third->leave("There is no memory left.", false);
    QTRY_COMPARE(text(second->lost()), "Process 2 failed: There is no memory left.");
    second->leave(second->lost() + " Resume it.", false);
    QTRY_COMPARE(text(first->lost()), "Process 2 failed: There is no memory left.");
  }

  void one_that_is_done_waits_for_the_others() {
    Watched world;
    const auto first = world.process(0);
    const auto second = world.process(1);
    std::thread later([&] {
      std::this_thread::sleep_for(300ms);
      second->leave({}, false);
    });
    QElapsedTimer clock;
    clock.start();
    first->leave({}, true);
    QVERIFY(clock.elapsed() >= 250);
    QVERIFY(clock.elapsed() < 3000);
    later.join();
  }

  void a_store_that_fails_or_hangs_is_its_keepers_loss_data() {
    QTest::addColumn<bool>("hangs");
    QTest::newRow("fails") << false;
    QTest::newRow("hangs") << true;
  }
  void a_store_that_fails_or_hangs_is_its_keepers_loss() {
    QFETCH(bool, hangs);
    Watched world;
    auto second = world.process(1);
    world.put(hangs ? &Board::is_hanging : &Board::is_silent);
    QTRY_COMPARE_WITH_TIMEOUT(text(second->lost()), "Process 0 was lost: it no longer answers.", 2000);
    QElapsedTimer clock;
    clock.start();
    second->leave("gone", false);
    second.reset();
    QVERIFY(clock.elapsed() < 200);
    const std::lock_guard lock(world.board->mutex);
    world.board->is_hanging = false;
  }

  void places_come_from_torchruns_variables() {
    std::map<std::string, std::string> variables;
    const auto variable = [&](const char* name) -> const char* {
      const auto found = variables.find(name);
      return found == variables.end() ? nullptr : found->second.c_str();
    };
    QVERIFY(!place_from_environment(variable)->has_value());
    variables = {{"WORLD_SIZE", "1"}};
    QVERIFY(!place_from_environment(variable)->has_value());
    variables = {{"WORLD_SIZE", "4"}, {"RANK", "3"}, {"MASTER_ADDR", "node1"}, {"MASTER_PORT", "29500"}};
    const ProcessPlace plain = **place_from_environment(variable);
    QCOMPARE(plain.rank, 3);
    QCOMPARE(plain.size, 4);
    QCOMPARE(plain.local_rank, 0);
    QCOMPARE(text(plain.address), "node1");
    QCOMPARE(plain.port, 29500);
    QVERIFY(!plain.joins_store);
    variables["LOCAL_RANK"] = "1";
    variables["TORCHELASTIC_USE_AGENT_STORE"] = "True";
    variables["TORCHELASTIC_RESTART_COUNT"] = "2";
    const ProcessPlace agents = **place_from_environment(variable);
    QCOMPARE(agents.local_rank, 1);
    QVERIFY(agents.joins_store);
    QCOMPARE(agents.attempt, 2);
  }
};

QTEST_GUILESS_MAIN(TestProcessWatch)
#include "test_process_watch.moc"
