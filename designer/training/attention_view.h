#pragma once
// What an attention layer looks at, sample by sample: tokens tinted by their weight over bars, or a map of which token
// looks at which. Samples are chosen from a list, marked right or wrong.

#include "designer/training/sample_view.h"

class QListWidget;

namespace netwright {

/// The weights of one sample over its tokens.
class AttentionMap : public QWidget {
  Q_OBJECT

 public:
  explicit AttentionMap(QWidget* parent = nullptr);

  void show_sample(const QString& layer, const AttentionSample& sample);
  void clear();
  /// The place of a token, or in a map of row `row` (which attends) and a token (attended to).
  QRectF place(std::size_t row, std::size_t token) const;
  /// `h: 23.4 %`; empty outside.
  QString words_at(QPointF position) const;

  /// Many tokens take many lines.
  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override;
  QSize sizeHint() const override { return {300, heightForWidth(300)}; }

 protected:
  void paintEvent(QPaintEvent* event) override;
  bool event(QEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;

 private:
  /// Tokens beside each other with a bar above each, in as many lines as they take.
  std::vector<QRectF> token_places(double width, double bar_height) const;
  double bar_height() const;
  QRectF cells() const;
  double cell_side() const;
  double label_width() const;
  double greatest() const;
  void paint_tokens(QPainter& painter) const;
  void paint_map(QPainter& painter) const;
  void paint_head(QPainter& painter) const;

  QString layer_;
  AttentionSample sample_;
  QPointF hover_{-1, -1};
};

class AttentionView : public SampleView {
  Q_OBJECT

 public:
  explicit AttentionView(QWidget* parent = nullptr);

  void show_content(std::shared_ptr<const SampleContent> content, const SampleMoment& moment) override;
  QListWidget* list() const { return list_; }
  AttentionMap* map() const { return map_; }
  QSize sizeHint() const override { return {520, 300}; }

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  void fill_list();
  void show_chosen();

  AttentionSamples shown_;
  QListWidget* list_;
  AttentionMap* map_;
};

}  // namespace netwright
