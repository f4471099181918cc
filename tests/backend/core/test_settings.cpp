#include <QTest>
#include <cmath>

#include "backend/core/json_text.h"
#include "backend/core/settings.h"

using namespace netwright;

Q_DECLARE_METATYPE(netwright::Value)
Q_DECLARE_METATYPE(netwright::SettingSpec)

class TestSettings : public QObject {
  Q_OBJECT

 private slots:
  void complaints_data() {
    QTest::addColumn<SettingSpec>("spec");
    QTest::addColumn<Value>("value");
    QTest::addColumn<QString>("expected");  // empty: allowed
    const SettingSpec flag{.name = "bias", .kind = SettingKind::Boolean, .fallback = true, .help = {}};
    const SettingSpec count{.name = "groups",
                            .kind = SettingKind::Integer,
                            .fallback = std::int64_t{1},
                            .help = {},
                            .minimum = 1,
                            .maximum = 8};
    const SettingSpec rate{.name = "p", .kind = SettingKind::Real, .fallback = 0.5, .help = {}, .minimum = 0};
    const SettingSpec mode{
        .name = "mode", .kind = SettingKind::Choice, .fallback = std::string("a"), .help = {}, .choices = {"a", "b"}};
    const SettingSpec pair{.name = "padding",
                           .kind = SettingKind::Integers,
                           .fallback = Integers{0, 0},
                           .help = {},
                           .minimum = 0,
                           .choices = {"same"},
                           .length = 2};
    const SettingSpec betas{.name = "betas",
                            .kind = SettingKind::Reals,
                            .fallback = Reals{0.9, 0.999},
                            .help = {},
                            .minimum = 0,
                            .maximum = 1,
                            .length = 2};
    const auto row = [](const char* name, const SettingSpec& spec, Value value, const char* expected) {
      QTest::newRow(name) << spec << std::move(value) << QString(expected);
    };
    row("flag", flag, false, "");
    row("flag of text", flag, std::string("yes"), "bias must be true or false");
    row("count", count, std::int64_t{8}, "");
    row("count too small", count, std::int64_t{0}, "groups must be from 1 to 8");
    row("count of real", count, 1.5, "groups must be a whole number");
    row("rate", rate, 0.25, "");
    row("rate below", rate, -0.1, "p must be at least 0");
    row("rate not a number", rate, std::nan(""), "p must be a number");
    row("mode", mode, std::string("b"), "");
    row("mode unknown", mode, std::string("c"), "mode must be one of a, b");
    row("pair", pair, Integers{1, 2}, "");
    row("pair of one word", pair, std::string("same"), "");
    row("pair of another word", pair, std::string("valid"), "padding must be whole numbers or same");
    row("pair of three", pair, Integers{1, 2, 3}, "padding takes 2 whole numbers, not 3");
    row("pair below", pair, Integers{1, -1}, "padding must be at least 0");
    row("betas", betas, Reals{0.5, 0.9}, "");
    row("betas beyond", betas, Reals{0.5, 1.5}, "betas must be from 0 to 1");
  }

  void complaints() {
    QFETCH(SettingSpec, spec);
    QFETCH(Value, value);
    QTEST(QString::fromStdString(complaint(spec, value).value_or("")), "expected");
  }

  void values_are_completed_and_brought_to_their_kind() {
    const std::vector<SettingSpec> specs = {
        {.name = "lr", .kind = SettingKind::Real, .fallback = 0.1, .help = {}},
        {.name = "kernel_size", .kind = SettingKind::Integers, .fallback = Integers{3, 3}, .help = {}, .length = 2},
        {.name = "betas", .kind = SettingKind::Reals, .fallback = Reals{0.9, 0.999}, .help = {}, .length = 2}};
    const Settings settings =
        completed(specs, {{"lr", std::int64_t{1}}, {"kernel_size", std::int64_t{5}}, {"betas", Integers{0, 1}}});
    QCOMPARE(settings.real("lr"), 1.0);
    QCOMPARE(settings.integers("kernel_size"), (Integers{5, 5}));
    QCOMPARE(settings.reals("betas"), (Reals{0, 1}));
    QCOMPARE(completed(specs, {}).integers("kernel_size"), (Integers{3, 3}));
  }

  void json_round_trip() {
    for (const Value& value : {Value(true), Value(std::int64_t{-7}), Value(0.1), Value(std::string("same")),
                               Value(Integers{1, 2}), Value(Reals{0.9, 0.999})}) {
      QVERIFY(value_from_json(Json::parse(to_json(value).dump())) == value);
    }
    QVERIFY(!value_from_json(Json::parse("null")));
    QVERIFY(!value_from_json(Json::parse("[1, \"a\"]")));
    QVERIFY(!value_from_json(Json::parse("18446744073709551615")));
  }

  void pretty_keeps_short_lists_on_one_line() {
    const Json json = {{"a", {1, 2}}, {"b", {{"c", {{"d", 1}}}}}, {"e", Json::array()}};
    QCOMPARE(pretty(json),
             std::string("{\n  \"a\": [1, 2],\n  \"b\": {\n    \"c\": {\"d\": 1}\n  },\n  \"e\": []\n}\n"));
  }
};

QTEST_APPLESS_MAIN(TestSettings)
#include "test_settings.moc"
