#include <QTest>
#include <cmath>
#include <limits>

#include "backend/run/event.h"

using namespace netwright;

namespace {

RunEvent run_event() {
  RunEvent e;
  e.name = "first “try” – ü";
  e.started = "2026-11-24T13:00:00Z";
  e.task = "Classification";
  e.network = "classifier";
  e.device = "cpu";
  e.epochs = 5;
  e.steps_per_epoch = 938;
  e.train_samples = 54'000;
  e.validation_samples = 6'000;
  e.test_samples = 10'000;
  e.parameters = 421'642;
  e.data = "0123456789abcdef";
  e.classes = {"T-shirt/top", "Trouser"};
  e.figures = {{"loss", "Loss", "Loss", false, "lower"}, {"accuracy", "Accuracy", "Accuracy", true, "higher"}};
  e.main_figure = "accuracy";
  e.limit_samples = 500;
  e.environment = {{"threads", "2"}, {"torch", "1.13.0"}};
  return e;
}

struct Row {
  const char* name;
  Event event;
  const char* line;
};

std::vector<Row> rows() {
  return {
      {"run", run_event(),
       R"({"event":"run","schema":2,"name":"first “try” – ü","started":"2026-11-24T13:00:00Z","task":"Classification",)"
       R"("network":"classifier","device":"cpu","epochs":5,"steps_per_epoch":938,"train_samples":54000,)"
       R"("validation_samples":6000,"test_samples":10000,"parameters":421642,"data":"0123456789abcdef",)"
       R"("classes":["T-shirt/top","Trouser"],"figures":[)"
       R"({"name":"loss","title":"Loss","chart":"Loss","is_share":false,"better":"lower"},)"
       R"({"name":"accuracy","title":"Accuracy","chart":"Accuracy","is_share":true,"better":"higher"}],)"
       R"("main_figure":"accuracy","limit_samples":500,"parent":"","environment":{"threads":"2","torch":"1.13.0"}})"},
      {"step", StepEvent{12, 0.25, {{"accuracy", 0.75}, {"loss", 1.5}}, 0.001, 4000.5, 3.25},
       R"({"event":"step","step":12,"epoch":0.25,"figures":{"accuracy":0.75,"loss":1.5},"learning_rate":0.001,)"
       R"("samples_per_second":4000.5,"elapsed":3.25})"},
      {"epoch", EpochEvent{2, 1876, {{"loss", 0.5}}, {{"frechet", 12.5}, {"loss", 0.6}}, 20.5, 2900, 41},
       R"({"event":"epoch","epoch":2,"step":1876,"train":{"loss":0.5},"held_out":{"frechet":12.5,"loss":0.6},)"
       R"("seconds":20.5,"samples_per_second":2900.0,"elapsed":41.0})"},
      {"confusion", ConfusionEvent{1, {{3, 1}, {0, 4}}}, R"({"event":"confusion","epoch":1,"counts":[[3,1],[0,4]]})"},
      {"checkpoint", CheckpointEvent{"checkpoints/best.safetensors", 938, 1, true},
       R"({"event":"checkpoint","file":"checkpoints/best.safetensors","step":938,"epoch":1,"is_best":true})"},
      {"sample", SampleEvent{"wall", "samples/wall-0003.png", 2814, 3, 8, 8},
       R"({"event":"sample","kind":"wall","file":"samples/wall-0003.png","step":2814,"epoch":3,"rows":8,"columns":8})"},
      {"alarm", AlarmEvent{"collapse", "All alike.", 2814, 3, true},
       R"({"event":"alarm","kind":"collapse","text":"All alike.","step":2814,"epoch":3,"is_over":true})"},
      {"command", CommandEvent{40, {Command::Kind::Set, "learning_rate", 0.01}},
       R"({"event":"command","step":40,"command":"set","learning_rate":0.01})"},
      {"memory", MemoryEvent{64, 20'000'000, 21'000'000},
       R"({"event":"memory","batch":64,"peak_bytes":20000000,"predicted_bytes":21000000})"},
      {"layers", LayersEvent{40, 0.5, {{"conv2", {{"dead", 0.25}}}, {"conv1", {}}}},
       R"({"event":"layers","step":40,"epoch":0.5,"layers":{"conv2":{"dead":0.25},"conv1":{}}})"},
      {"message", MessageEvent{"warning", "one\nline"},
       R"({"event":"message","severity":"warning","text":"one\nline"})"},
      {"done", DoneEvent{"finished", "", {{"accuracy", 0.91}}, 0.915, 4, 5, 100.5},
       R"({"event":"done","reason":"finished","message":"","test":{"accuracy":0.91},"best":0.915,"best_epoch":4,)"
       R"("epochs":5,"elapsed":100.5})"},
  };
}

}  // namespace

class TestEvent : public QObject {
  Q_OBJECT

 private slots:
  void line_of_every_kind() {
    QCOMPARE(rows().size(), std::variant_size_v<Event>);
    for (const Row& row : rows()) {
      QCOMPARE(QString::fromStdString(to_line(row.event)), QString(row.line));
      const auto event = event_from_line(row.line);
      QVERIFY2(event, row.name);
      QCOMPARE(event->index(), row.event.index());
      // Every field came back, since they are all in the line.
      QCOMPARE(QString::fromStdString(to_line(*event)), QString(row.line));
    }
  }

  void every_command_survives_as_an_event() {
    for (const auto kind : {Command::Kind::Pause, Command::Kind::Resume, Command::Kind::Stop, Command::Kind::Checkpoint,
                            Command::Kind::Sample, Command::Kind::Set}) {
      const auto event = event_from_line(to_line(CommandEvent{7, {kind, "learning_rate", 0.5}}));
      QVERIFY(event);
      QCOMPARE(std::get<CommandEvent>(*event).step, 7);
      QVERIFY(std::get<CommandEvent>(*event).command.kind == kind);
    }
  }

  void every_setting_survives_as_an_event() {
    for (const char* setting : {"learning_rate", "epochs", "discriminator_steps"}) {
      const auto event = event_from_line(to_line(CommandEvent{7, {Command::Kind::Set, setting, 3}}));
      QVERIFY2(event, setting);
      QCOMPARE(std::get<CommandEvent>(*event).command.setting, std::string(setting));
      QCOMPARE(std::get<CommandEvent>(*event).command.value, 3.0);
    }
  }

  void numbers_that_are_not_finite_are_null() {
    StepEvent step;
    step.figures = {{"loss", std::numeric_limits<double>::quiet_NaN()},
                    {"accuracy", std::numeric_limits<double>::infinity()}};
    const std::string line = to_line(step);
    QVERIFY(line.find("\"loss\":null") != std::string::npos);
    QVERIFY(line.find("\"accuracy\":null") != std::string::npos);
    const auto read = event_from_line(line);
    QVERIFY(read);
    QVERIFY(std::isnan(std::get<StepEvent>(*read).figures.at("loss")));
  }

  void records_of_schema_1_are_read() {
    const auto run = event_from_line(R"({"event":"run","schema":1,"name":"old","epochs":5,"test_samples":10000})");
    QVERIFY(run);
    QCOMPARE(std::get<RunEvent>(*run).main_figure, "accuracy");
    QCOMPARE(std::get<RunEvent>(*run).figures.size(), 2);
    QVERIFY(std::get<RunEvent>(*run).figures[1].is_share);
    const auto step = event_from_line(R"({"event":"step","step":12,"loss":1.5,"accuracy":null})");
    QVERIFY(step);
    QCOMPARE(std::get<StepEvent>(*step).figures.at("loss"), 1.5);
    QVERIFY(std::isnan(std::get<StepEvent>(*step).figures.at("accuracy")));
    const auto epoch = event_from_line(
        R"({"event":"epoch","epoch":2,"train_loss":0.5,"train_accuracy":0.8,"test_loss":0.6,"test_accuracy":0.79})");
    QVERIFY(epoch);
    QCOMPARE(std::get<EpochEvent>(*epoch).train, (FigureValues{{"accuracy", 0.8}, {"loss", 0.5}}));
    QCOMPARE(std::get<EpochEvent>(*epoch).held_out, (FigureValues{{"accuracy", 0.79}, {"loss", 0.6}}));
    const auto done = event_from_line(
        R"({"event":"done","reason":"finished","test_loss":0.4,"test_accuracy":0.91,"best_accuracy":0.915})");
    QVERIFY(done);
    QCOMPARE(std::get<DoneEvent>(*done).best, 0.915);
    QCOMPARE(std::get<DoneEvent>(*done).test.at("accuracy"), 0.91);
  }

  void text_that_is_not_utf8_is_written_all_the_same() {
    const std::string line = to_line(MessageEvent{"info",
                                                  "a\xFF"
                                                  "b"});
    QVERIFY(event_from_line(line));
  }

  void lines_that_are_no_events_data() {
    QTest::addColumn<QByteArray>("line");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("garbage") << QByteArray("\x01\xFFgarbage");
    QTest::newRow("log") << QByteArray("[W] something");
    QTest::newRow("number") << QByteArray("3");
    QTest::newRow("list") << QByteArray("[1,2]");
    QTest::newRow("unknown kind") << QByteArray(R"({"event":"histogram","bins":[1]})");
    QTest::newRow("no kind") << QByteArray(R"({"step":1})");
    QTest::newRow("kind is a number") << QByteArray(R"({"event":1})");
    QTest::newRow("half a line") << QByteArray(R"({"event":"step","step":1)");
    QTest::newRow("text for a number") << QByteArray(R"({"event":"step","step":"one"})");
    QTest::newRow("number for a list") << QByteArray(R"({"event":"confusion","counts":[1,2]})");
    QTest::newRow("epoch beyond an int") << QByteArray(R"({"event":"epoch","epoch":99999999999})");
    QTest::newRow("text for a figure") << QByteArray(R"({"event":"step","figures":{"loss":"low"}})");
    QTest::newRow("number out of range") << QByteArray(R"({"event":"step","loss":1e999})");
    QTest::newRow("command unknown") << QByteArray(R"({"event":"command","step":1,"command":"explode"})");
    QTest::newRow("nested without end") << QByteArray(R"({"event":)") + QByteArray(200'000, '[');
    QTest::newRow("command nested") << QByteArray(R"({"event":"command","x":)") + QByteArray(200'000, '[') +
                                           QByteArray(200'000, ']') + "}";
  }
  void lines_that_are_no_events() {
    QFETCH(QByteArray, line);
    QVERIFY(!event_from_line(line.toStdString()));
  }

  void unknown_fields_are_ignored_and_missing_ones_default() {
    const auto event = event_from_line(R"({"event":"step","step":3,"perplexity":2.5,"more":{"a":[1]}})");
    QVERIFY(event);
    QCOMPARE(std::get<StepEvent>(*event).step, 3);
    QVERIFY(std::get<StepEvent>(*event).figures.empty());
  }

  void commands() {
    std::string why;
    const auto set = command_from_line(R"({"command":"set","learning_rate":0.25})", why);
    QVERIFY(set && set->kind == Command::Kind::Set);
    QCOMPARE(set->setting, std::string("learning_rate"));
    QCOMPARE(set->value, 0.25);
    const auto epochs = command_from_line(R"({"command":"set","epochs":12})", why);
    QVERIFY(epochs && epochs->setting == "epochs");
    QCOMPARE(to_line(*epochs), std::string(R"({"command":"set","epochs":12})"));
    QVERIFY(!command_from_line(R"({"command":"set","epochs":0})", why));
    QVERIFY(!command_from_line(R"({"command":"set","epochs":2.5})", why));
    QCOMPARE(to_line(*set), std::string(R"({"command":"set","learning_rate":0.25})"));
    QCOMPARE(to_line(Command{Command::Kind::Pause}), std::string(R"({"command":"pause"})"));
    for (const char* name : {"pause", "resume", "stop", "checkpoint", "sample"}) {
      const auto command = command_from_line(std::string(R"({"command":")") + name + "\"}", why);
      QVERIFY2(command, name);
    }
  }

  void lines_that_are_no_commands_data() {
    QTest::addColumn<QString>("line");
    QTest::addColumn<QString>("why");
    QTest::newRow("empty") << ""
                           << "not a JSON object";
    QTest::newRow("word") << "stop"
                          << "not a JSON object";
    QTest::newRow("no command") << R"({"stop":true})"
                                << "no \"command\"";
    QTest::newRow("unknown") << R"({"command":"explode"})"
                             << "explode";
    QTest::newRow("no rate") << R"({"command":"set"})"
                             << "learning_rate";
    QTest::newRow("rate is text") << R"({"command":"set","learning_rate":"fast"})"
                                  << "learning_rate";
    QTest::newRow("negative rate") << R"({"command":"set","learning_rate":-1})"
                                   << "not negative";
    QTest::newRow("infinite rate") << R"({"command":"set","learning_rate":1e999})"
                                   << "not a JSON object";
  }
  void lines_that_are_no_commands() {
    QFETCH(QString, line);
    QFETCH(QString, why);
    std::string reason;
    QVERIFY(!command_from_line(line.toStdString(), reason));
    QVERIFY2(reason.find(why.toStdString()) != std::string::npos, reason.c_str());
  }

  void lines_are_whole_however_they_are_cut() {
    const std::string stream = "one\n\ntwo is longer\nthree\nunfinished";
    const std::vector<std::string> expected = {"one", "", "two is longer", "three"};
    for (std::size_t size = 1; size <= stream.size(); ++size) {
      LineBuffer buffer;
      std::vector<std::string> lines;
      for (std::size_t at = 0; at < stream.size(); at += size) {
        for (auto& line : buffer.add(std::string_view(stream).substr(at, size))) lines.push_back(line);
      }
      QCOMPARE(lines, expected);
      QCOMPARE(buffer.add("\n"), std::vector<std::string>{"unfinished"});
    }
  }
};

QTEST_APPLESS_MAIN(TestEvent)
#include "test_event.moc"
