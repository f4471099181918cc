#pragma once
// A trained network tried on one picture, text or file, or made to draw samples, at any time: another process does it
// with the run's best weights so far, so that training isn't disturbed.

#include <QImage>
#include <QProcess>
#include <QTemporaryDir>
#include <QWidget>

#include "backend/data/dataset.h"
#include "designer/document/background.h"
#include "designer/theme/surface_panel.h"

class QLabel;
class QLineEdit;
class QPushButton;
class QStackedWidget;

namespace netwright {

/// What a network takes that is tried.
enum class TryKind { Nothing, Picture, Text, File, Latent };

/// A place to drop a picture or a file on; a click asks for one.
class DropField : public QWidget {
  Q_OBJECT

 public:
  explicit DropField(QWidget* parent = nullptr);
  /// `words` stand where there is no picture.
  void show_words(const QString& words);
  void show_picture(const QImage& picture);
  QSize sizeHint() const override { return {220, 110}; }

 signals:
  void file_dropped(const QString& file);
  void clicked();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dragLeaveEvent(QDragLeaveEvent* event) override;
  void dropEvent(QDropEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  QString words_;
  QImage picture_;
  bool is_over_ = false;
};

/// What came out: names with their shares or values, and a picture where the network gives one.
class TryResult : public QWidget {
  Q_OBJECT

 public:
  struct Row {
    QString name;
    QString value;
    double share = -1;  ///< drawn as a bar; below 0: none
  };
  explicit TryResult(QWidget* parent = nullptr);
  void show_rows(std::vector<Row> rows);
  void show_picture(const QImage& picture);
  const std::vector<Row>& rows() const { return rows_; }
  const QImage& picture() const { return picture_; }
  QSize sizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  std::vector<Row> rows_;
  QImage picture_;
};

class TryView : public SurfacePanel {
  Q_OBJECT

 public:
  explicit TryView(QWidget* parent = nullptr);
  ~TryView() override;

  /// The engine's program (see EngineProcess).
  void set_program(const QString& program) { program_ = program; }
  /// The run whose network is tried; empty: none. Reads in the background what it takes.
  void show_run(const QString& folder);
  /// Other weights than before: what was tried last is tried again where it is seen.
  void weights_changed();
  TryKind kind() const { return kind_; }

 public slots:
  void try_file(const QString& file);
  void try_text(const QString& text);
  void draw_samples();

 signals:
  /// A result is shown, or why there is none.
  void answered();

 private:
  void take_kind(TryKind kind, const QString& task);
  void ask_for_file();
  void run(const QStringList& arguments);
  void finish(int exit_code);
  void show_answer(const QByteArray& json);
  void say(const QString& words, bool is_problem = false);

  QString program_;
  QString folder_;
  TryKind kind_ = TryKind::Nothing;
  bool gives_pictures_ = false;
  bool is_problem_ = false;  ///< what is said
  QProcess process_;
  QStringList last_;     ///< arguments of what was tried last
  QStringList waiting_;  ///< what is to be tried when the process has ended
  QTemporaryDir pictures_;
  Background reading_;

  DropField* drop_;
  QLineEdit* text_;
  QPushButton* draw_;
  QLabel* words_;
  TryResult* result_;
};

}  // namespace netwright
