// The walls of the house: what each program may load, and what each folder may include.

#include <QDir>
#include <QDirIterator>
#include <QProcess>
#include <QRegularExpression>
#include <QTest>

class TestLinkClosure : public QObject {
  Q_OBJECT

 private slots:
  void programs_data() {
    QTest::addColumn<QString>("program");
    QTest::addColumn<QString>("forbidden");
    QTest::addColumn<QString>("needed");  // so that an unreadable closure can't pass
    QTest::newRow("designer") << "netwright"
                              << "libtorch|libc10|libopencv"
                              << "libQt6Widgets";
    QTest::newRow("engine") << "netwright-engine"
                            << "libQt6"
                            << "libtorch";
  }

  void programs() {
    QFETCH(QString, program);
    QFETCH(QString, forbidden);
    QFETCH(QString, needed);
    QProcess ldd;
    ldd.start("ldd", {QString(NETWRIGHT_BIN "/") + program});
    QVERIFY(ldd.waitForFinished());
    QCOMPARE(ldd.exitCode(), 0);
    const QString closure = QString::fromUtf8(ldd.readAllStandardOutput());
    QVERIFY2(closure.contains(needed), qPrintable(closure));
    const auto match = QRegularExpression("(?:" + forbidden + ")\\S*").match(closure);
    QVERIFY2(!match.hasMatch(), qPrintable(program + " loads " + match.captured()));
  }

  void includes_data() {
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("forbidden");
    const QString qt = "^#include\\s*[<\"](Q[A-Z]|Qt)";
    const QString torch = "^#include\\s*[<\"](torch|ATen|c10)/";
    const QString upward = "^#include\\s*\"(designer|app)/";
    for (const char* folder : {"core", "graph", "layers", "analysis", "data", "interop", "run"}) {
      QTest::newRow(folder) << QString("backend/") + folder
                            << qt + "|" + torch + "|" + upward + "|^#include\\s*\"backend/engine/";
    }
    QTest::newRow("engine") << "backend/engine" << qt + "|" + upward;
    QTest::newRow("designer") << "designer" << torch + "|^#include\\s*\"backend/engine/";
  }

  void includes() {
    QFETCH(QString, folder);
    QFETCH(QString, forbidden);
    const QRegularExpression pattern(forbidden, QRegularExpression::MultilineOption);
    QVERIFY(pattern.isValid());
    QDirIterator files(QString(NETWRIGHT_SOURCE "/") + folder, {"*.h", "*.cpp"}, QDir::Files,
                       QDirIterator::Subdirectories);
    int count = 0;
    while (files.hasNext()) {
      QFile file(files.next());
      QVERIFY(file.open(QIODevice::ReadOnly));
      const auto match = pattern.match(QString::fromUtf8(file.readAll()));
      QVERIFY2(!match.hasMatch(), qPrintable(file.fileName() + ": " + match.captured()));
      ++count;
    }
    QVERIFY(count > 0);
  }
};

QTEST_APPLESS_MAIN(TestLinkClosure)
#include "test_link_closure.moc"
