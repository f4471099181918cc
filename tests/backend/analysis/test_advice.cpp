// Advice: each kind is said where it is due, not where it isn't, and its fix makes it go.

#include <QTest>

#include "backend/analysis/analyse.h"
#include "tests/support/drawing.h"

using namespace netwright;

namespace {

using Draw = void (*)(Drawing&);

/// One network that deserves the advice and one, nearly alike, that doesn't.
struct Case {
  const char* code;
  const char* layer;
  Draw due;
  Draw not_due;
  bool has_fix = true;
};

void convolution(Drawing& draw, const Settings& settings, std::int64_t size = 16) {
  draw.add("Input", "input", {{"shape", Integers{3, size, size}}});
  Settings all = settings;
  draw.add("Conv2d", "conv1", all);
}

void classify(Drawing& draw, std::int64_t classes = 10) {
  draw.add("AdaptiveAvgPool2d", "pool");
  draw.add("Flatten", "flatten");
  draw.add("Linear", "fc", {{"out_features", classes}});
  draw.add("Output", "output");
}

void biased(Drawing& draw, bool bias) {
  convolution(draw, {{"bias", bias}});
  draw.add("BatchNorm2d", "bn1");
  classify(draw);
}

void activations(Drawing& draw, const char* type) {
  draw.add("Input", "input", {{"shape", Integers{12}}});
  for (int i = 0; i < 6; ++i) {
    draw.add("Linear", "fc" + std::to_string(i), {{"out_features", std::int64_t{12}}});
    draw.add(type, "act" + std::to_string(i));
  }
  draw.add("Output", "output");
}

void dense(Drawing& draw, std::int64_t hidden, std::int64_t classes = 10, std::int64_t features = 8) {
  draw.add("Input", "input", {{"shape", Integers{features}}});
  draw.add("Linear", "fc1", {{"out_features", hidden}});
  draw.add("ReLU", "relu1");
  draw.add("Linear", "fc2", {{"out_features", classes}});
  draw.add("Output", "output");
}

void ends_in(Drawing& draw, const char* type) {
  draw.add("Input", "input", {{"shape", Integers{8}}});
  draw.add("Linear", "fc1", {{"out_features", std::int64_t{3}}});
  draw.add(type, "last");
  draw.add("Output", "output");
}

const Case cases[] = {
    {"bias-before-norm", "conv1", [](Drawing& d) { biased(d, true); }, [](Drawing& d) { biased(d, false); }},
    {"saturating", "act4", [](Drawing& d) { activations(d, "Tanh"); }, [](Drawing& d) { activations(d, "ReLU"); },
     false},
    {"stride-skips", "conv1",
     [](Drawing& d) {
       convolution(d, {{"kernel_size", Integers{2, 2}}, {"stride", Integers{3, 3}}});
       classify(d);
     },
     [](Drawing& d) {
       convolution(d, {{"kernel_size", Integers{1, 1}}, {"stride", Integers{2, 2}}});
       classify(d);
     }},
    {"even-kernel", "conv1",
     [](Drawing& d) {
       convolution(d, {{"kernel_size", Integers{4, 4}}, {"padding", Integers{2, 2}}});
       classify(d);
     },
     [](Drawing& d) {
       convolution(d, {{"kernel_size", Integers{5, 5}}, {"padding", Integers{2, 2}}});
       classify(d);
     }},
    {"even-kernel", "conv1",
     [](Drawing& d) {
       convolution(d, {{"kernel_size", Integers{4, 4}}, {"padding", std::string("same")}});
       classify(d);
     },
     [](Drawing& d) {
       convolution(d, {{"kernel_size", Integers{3, 3}}, {"padding", std::string("same")}});
       classify(d);
     }},
    {"unread-border", "pool1",
     [](Drawing& d) {
       convolution(d, {{"padding", std::string("same")}}, 15);
       d.add("MaxPool2d", "pool1");
       classify(d);
     },
     // Only padding is left unread here.
     [](Drawing& d) {
       convolution(d, {{"padding", std::string("same")}}, 16);
       d.add("MaxPool2d", "pool1",
             {{"kernel_size", Integers{3, 3}}, {"stride", Integers{2, 2}}, {"padding", Integers{1, 1}}});
       classify(d);
     }},
    {"bottleneck", "fc1", [](Drawing& d) { dense(d, 4); }, [](Drawing& d) { dense(d, 10); }},
    {"heavy-layer", "fc1", [](Drawing& d) { dense(d, 64, 10, 1000); }, [](Drawing& d) { dense(d, 100, 100, 100); },
     false},
    {"small-field", "output",
     [](Drawing& d) {
       convolution(d, {});
       d.add("Slice", "cut", {{"dim", std::int64_t{2}}, {"start", std::int64_t{0}}, {"end", std::int64_t{5}}});
       classify(d);
     },
     [](Drawing& d) {
       convolution(d, {});
       classify(d);
     },
     false},
    {"large-field", "conv1",
     [](Drawing& d) {
       convolution(d, {{"dilation", Integers{70, 70}}, {"padding", std::string("same")}});
       classify(d);
     },
     [](Drawing& d) {
       convolution(d, {{"dilation", Integers{20, 20}}, {"padding", std::string("same")}});
       classify(d);
     },
     false},
    {"softmax-before-loss", "last", [](Drawing& d) { ends_in(d, "Softmax"); }, [](Drawing& d) { ends_in(d, "Tanh"); }},
    {"softmax-before-loss", "last", [](Drawing& d) { ends_in(d, "LogSoftmax"); },
     [](Drawing& d) { ends_in(d, "Tanh"); }},
    {"sigmoid-before-loss", "last", [](Drawing& d) { ends_in(d, "Sigmoid"); }, [](Drawing& d) { ends_in(d, "Tanh"); }},
};

const Diagnostic* find_code(const Report& report, const char* code) {
  const auto it = std::find_if(report.diagnostics.begin(), report.diagnostics.end(),
                               [&](const Diagnostic& d) { return d.code == code; });
  return it == report.diagnostics.end() ? nullptr : &*it;
}

Project drawn(Draw draw_it) {
  Project project = empty_project();
  Drawing draw(project);
  draw_it(draw);
  return project;
}

}  // namespace

class TestAdvice : public QObject {
  Q_OBJECT

 private slots:
  void is_said_where_it_is_due_data() {
    QTest::addColumn<int>("row");
    for (int row = 0; row < static_cast<int>(std::size(cases)); ++row)
      QTest::addRow("%d %s", row, cases[row].code) << row;
  }
  void is_said_where_it_is_due() {
    QFETCH(int, row);
    const Case& c = cases[row];
    Project project = drawn(c.due);
    const Report report = analyse(project);
    const Diagnostic* advice = find_code(report, c.code);
    QVERIFY2(advice, report.diagnostics.empty() ? "nothing is said" : report.diagnostics.front().message.c_str());
    QCOMPARE(to_text(advice->severity), std::string("advice"));
    QCOMPARE(project.networks[0].find(advice->layer)->name, std::string(c.layer));
    QVERIFY(report.is_sound({1}));
    QCOMPARE(!advice->fixes.empty(), c.has_fix);
    for (const Fix& fix : advice->fixes) {
      Project mended = project;
      QVERIFY(apply_all(mended, fix.edits));
      QVERIFY2(!find_code(analyse(mended), c.code), fix.label.c_str());
      QVERIFY2(analyse(mended).is_sound({1}), fix.label.c_str());
    }
    const Report fine = analyse(drawn(c.not_due));
    QVERIFY(fine.is_sound({1}));
    QVERIFY2(!find_code(fine, c.code), find_code(fine, c.code) ? find_code(fine, c.code)->message.c_str() : "");
  }

  void well_made_networks_get_none() {
    const Report report = analyse(resnet18());
    QVERIFY2(report.diagnostics.empty(), report.diagnostics.empty() ? "" : report.diagnostics.front().message.c_str());
  }
};

QTEST_APPLESS_MAIN(TestAdvice)
#include "test_advice.moc"
