#include <QTest>
#include <QXmlStreamReader>
#include <cmath>
#include <nlohmann/json.hpp>

#include "backend/report/report_content.h"
#include "backend/report/report_html.h"
#include "backend/report/svg_chart.h"
#include "tests/backend/report/example_report.h"

using namespace netwright;

class RunReportTest : public QObject {
  Q_OBJECT

 private slots:
  void json_brings_every_field_back() {
    const RunReport report = example_report();
    const std::string text = to_json_text(report);
    const auto read = report_from_json_text(text, "report.json");
    QVERIFY2(read, read ? "" : read.error().message.c_str());
    // What is written of what was read is the same, byte for byte; and it isn't empty of what matters.
    QCOMPARE(to_json_text(*read), text);
    QCOMPARE(read->quality.confusion, report.quality.confusion);
    QCOMPARE(read->quality.scores.macro.f1, report.quality.scores.macro.f1);
    QCOMPARE(read->dynamics.convergence.levels.size(), 3U);
    QCOMPARE(read->robustness.curves[2].points[2].raw, std::optional<double>(8.0));
    QCOMPARE(read->complexity.latency->throughput[1].batch, std::int64_t{64});
    QCOMPARE(read->run.environment.at("threads"), std::string("2"));
    QVERIFY(text.find("\"format\": \"netwright-report\"") != std::string::npos);
  }

  void numbers_that_json_cannot_hold_become_null() {
    RunReport report = example_report();
    report.quality.values["loss"] = std::nan("");
    const auto read = report_from_json_text(to_json_text(report), "x");
    QVERIFY(read);
    QVERIFY(std::isnan(read->quality.values.at("loss")));
  }

  void what_is_no_report_is_refused_in_words() {
    for (const char* text :
         {"", "{}", "[1]", R"({"format": "netwright-report", "version": 9})",
          R"({"format": "netwright-report", "version": 1, "quality": 3})",
          R"({"format": "netwright-report", "version": 1, "run": {"epochs": "two"}})",
          R"({"format": "netwright-report", "version": 1, "quality": {"confusion": [[1], [2, 3]]}})",
          R"({"format": "netwright-report", "version": 1, "quality": {"confusion": [[1]], "classes": []}})",
          R"({"format": "netwright-report", "version": 1, "histories": [{"steps": [[1]]}]})"}) {
      const auto read = report_from_json_text(text, "report.json");
      QVERIFY2(!read, text);
      QVERIFY2(read.error().message.starts_with("report.json"), read.error().message.c_str());
    }
    QVERIFY(report_from_json_text(R"({"format": "netwright-report", "version": 1})", "x"));
  }

  void the_page_is_well_formed_and_asks_for_nothing() {
    const QByteArray html = QByteArray::fromStdString(report_html(example_report()));
    QVERIFY(!html.contains("http://") && !html.contains("https://") && !html.contains("<script"));
    QVERIFY(!html.contains("src=") && !html.contains("url(") && !html.contains("@import"));
    QVERIFY(html.contains("prefers-color-scheme:dark") && html.contains("@media print"));
    // All but HTML's own empty elements is XML, so an unescaped name or a forgotten end is found.
    QByteArray xml = html;
    xml.replace("<!DOCTYPE html>\n", "");
    for (const char* meta :
         {"<meta charset=\"utf-8\">", "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">",
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
          "'unsafe-inline'\">"}) {
      QVERIFY2(xml.contains(meta), meta);
      xml.replace(meta, "");
    }
    QXmlStreamReader reader(xml);
    int drawings = 0;
    QString seen;
    while (!reader.atEnd()) {
      reader.readNext();
      if (reader.isStartElement() && reader.name() == QLatin1String("svg")) ++drawings;
      if (reader.isCharacters()) seen += reader.text();
      QVERIFY(!reader.isStartElement() ||
              (reader.name() != QLatin1String("b") && reader.name() != QLatin1String("script")));
    }
    QVERIFY2(!reader.hasError(), qPrintable(reader.errorString() + QString(" in line %1").arg(reader.lineNumber())));
    QVERIFY2(drawings >= 8, QByteArray::number(drawings));
    QVERIFY(seen.contains("<b>dog & \"co\"</b>"));
    QVERIFY(seen.contains("My <project>"));
    QVERIFY(seen.contains("Vögel"));
    QVERIFY(seen.contains("88.00 %"));
    QVERIFY(seen.contains("Blur is for pictures."));
  }

  void a_run_that_just_began_has_a_report_too() {
    const RunReport report = report_from_record({});
    QCOMPARE(report.run.ending, std::string("unfinished"));
    const QByteArray html = QByteArray::fromStdString(report_html(report));
    QVERIFY(html.contains("its first epoch"));
    QVERIFY(report_from_json_text(to_json_text(report), "x"));
  }

  void each_of_the_four_kinds_has_its_figures() {
    const ReportContent content = content_of(example_report());
    QCOMPARE(content.sections.size(), 5U);
    const auto card = [&](std::size_t section, const char* title) {
      for (const ReportBlock& block : content.sections[section].blocks) {
        const auto* cards = std::get_if<ReportCards>(&block);
        if (!cards) continue;
        for (const ReportCard& one : cards->cards) {
          if (one.title == title) return QString::fromStdString(one.value);
        }
      }
      return QString();
    };
    QCOMPARE(card(0, "Accuracy"), QString("88.00 %"));
    QCOMPARE(card(0, "ROC AUC, macro"), QString("0.9700"));
    QCOMPARE(card(1, "Parameters"), QString("62.0 K"));
    QCOMPARE(card(1, "Latency, one sample"), QString("0.21 ms"));
    QCOMPARE(card(1, "Throughput, 64 at a time"), QString("20,645 /s"));
    QCOMPARE(card(2, "Best epoch"), QString("4 of 4"));
    QCOMPARE(card(2, "Spikes of the loss"), QString("0"));
    QCOMPARE(card(3, "Gap, accuracy"), QString("+5.0 points"));
    QCOMPARE(card(3, "FGSM attack, 8 of 255"), QString("20.00 %"));
  }

  void ticks_are_round_and_within() {
    QCOMPARE(round_ticks(0, 1, 5), (std::vector<double>{0, 0.2, 0.4, 0.6000000000000001, 0.8, 1}));
    QVERIFY(round_ticks(1, 1, 5).empty());
    for (const double tick : round_ticks(-3.7, 912, 6)) QVERIFY(tick >= -3.7 && tick <= 912);
    QCOMPARE(tick_words(0.25, true), std::string("25 %"));
  }

  void flat_empty_and_infinite_curves_are_drawn_without_harm() {
    const double inf = std::numeric_limits<double>::infinity();
    for (const PlotCurve& points : {PlotCurve{}, PlotCurve{{1, 5}}, PlotCurve{{0, 2}, {1, 2}, {2, 2}},
                                    PlotCurve{{0, inf}, {1, std::nan("")}}, PlotCurve{{0, -1e300}, {1, 1e300}}}) {
      ReportChart chart{.title = "t", .x_title = "x"};
      chart.series.push_back({"s", points});
      const std::string svg = svg_of(chart);
      QVERIFY(svg.find("nan") == std::string::npos && svg.find("inf") == std::string::npos);
      QXmlStreamReader reader(QByteArray::fromStdString(svg));
      while (!reader.atEnd()) reader.readNext();
      QVERIFY(!reader.hasError());
    }
  }

  void thinning_a_curve_keeps_its_highest_and_lowest() {
    PlotCurve curve;
    for (int i = 0; i < 10000; ++i)
      curve.push_back({double(i), i == 7777 ? 100.0 : i == 1234 ? -50.0 : std::sin(i * 0.1)});
    const PlotCurve few = thinned_curve(curve, 400);
    QVERIFY(few.size() <= 402);
    QVERIFY(std::any_of(few.begin(), few.end(), [](const PlotPoint& p) { return p.y == 100; }));
    QVERIFY(std::any_of(few.begin(), few.end(), [](const PlotPoint& p) { return p.y == -50; }));
    QCOMPARE(few.front().x, 0.0);
    QCOMPARE(few.back().x, 9999.0);
    for (std::size_t i = 1; i < few.size(); ++i) QVERIFY(few[i].x > few[i - 1].x);
  }

  void control_characters_and_quotes_are_escaped() {
    QCOMPARE(escaped("a<b>&\"'\x01\n"), std::string("a&lt;b&gt;&amp;&quot;&#39;  "));
  }
};

QTEST_MAIN(RunReportTest)
#include "test_run_report.moc"
