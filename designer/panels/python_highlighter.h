#pragma once
// Python in the theme's colours: keywords, strings, numbers, comments, and the names that are defined.

#include <QSyntaxHighlighter>

namespace netwright {

class PythonHighlighter : public QSyntaxHighlighter {
  Q_OBJECT

 public:
  explicit PythonHighlighter(QTextDocument* document);

 protected:
  void highlightBlock(const QString& text) override;

 private:
  enum State { Code = 0, LongString };
};

}  // namespace netwright
