#include "designer/panels/python_highlighter.h"

#include <QRegularExpression>

#include "designer/theme/theme.h"

namespace netwright {

namespace {

const QRegularExpression& token() {
  // In the order in which they win: what begins within a string or a comment is no token of its own.
  static const QRegularExpression expression(QStringLiteral(
      R"re((?<comment>#.*$))re"
      R"re(|(?<long>"""))re"
      R"re(|(?<string>[rbfuRBFU]{0,2}(?:"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?)))re"
      R"re(|(?<decorator>^\s*@[\w.]+))re"
      R"re(|\b(?:def|class)\s+(?<defined>\w+))re"
      R"re(|\b(?<keyword>and|as|assert|break|class|continue|def|del|elif|else|except|False|finally|for|from|global|if|import)re"
      R"re(|in|is|lambda|None|nonlocal|not|or|pass|raise|return|True|try|while|with|yield)\b)re"
      R"re(|\b(?<number>\d[\d_]*(?:\.\d*)?(?:[eE][+-]?\d+)?)\b)re"
      R"re(|\b(?<self>self|super)\b)re"));
  return expression;
}

}  // namespace

PythonHighlighter::PythonHighlighter(QTextDocument* document) : QSyntaxHighlighter(document) {
  connect(&Theme::instance(), &Theme::changed, this, &QSyntaxHighlighter::rehighlight);
}

void PythonHighlighter::highlightBlock(const QString& text) {
  const Colours& c = colours();
  const QString quotes = QStringLiteral("\"\"\"");
  setCurrentBlockState(Code);
  qsizetype from = 0;
  const auto end_long_string = [&](qsizetype begin, qsizetype search_from) {
    const qsizetype end = text.indexOf(quotes, search_from);
    const qsizetype stop = end < 0 ? text.size() : end + quotes.size();
    setFormat(static_cast<int>(begin), static_cast<int>(stop - begin), c.success);
    setCurrentBlockState(end < 0 ? LongString : Code);
    return stop;
  };
  if (previousBlockState() == LongString) {
    from = end_long_string(0, 0);
  }
  while (from < text.size()) {
    const QRegularExpressionMatch match = token().match(text, from);
    if (!match.hasMatch()) {
      return;
    }
    from = match.capturedEnd();
    const auto paint = [&](const char* group, const QColor& colour) {
      if (const qsizetype start = match.capturedStart(QLatin1String(group)); start >= 0) {
        setFormat(static_cast<int>(start), static_cast<int>(match.capturedLength(QLatin1String(group))), colour);
      }
    };
    if (match.capturedStart(u"long") >= 0) {
      from = end_long_string(match.capturedStart(), match.capturedEnd());
      continue;
    }
    if (match.capturedStart(u"defined") >= 0) {
      // The keyword before the name.
      setFormat(static_cast<int>(match.capturedStart()), static_cast<int>(match.capturedLength()), c.accent);
    }
    paint("comment", c.muted);
    paint("string", c.success);
    paint("decorator", c.warning);
    paint("defined", c.series[3]);
    paint("keyword", c.accent);
    paint("number", c.series[1]);
    paint("self", c.advice);
  }
}

}  // namespace netwright
