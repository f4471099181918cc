#include "designer/theme/icons.h"

#include <QFile>
#include <QIconEngine>
#include <QPainter>
#include <QPixmapCache>
#include <QSvgRenderer>

#include "designer/theme/theme.h"

namespace netwright {

namespace {

QByteArray drawing(const QString& name) {
  Theme::instance();  // registers the resources
  QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

class IconEngine : public QIconEngine {
 public:
  IconEngine(QString name, Ink ink) : name_(std::move(name)), ink_(ink) {}

  void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State /*state*/) override {
    const QColor colour = mode == QIcon::Disabled ? colours().faint : colour_of(ink_);
    QSvgRenderer renderer(drawing(name_).replace("currentColor", colour.name().toLatin1()));
    renderer.render(painter, rect);
  }

  QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
    const QColor colour = mode == QIcon::Disabled ? colours().faint : colour_of(ink_);
    const QString key =
        QStringLiteral("netwright/%1/%2/%3x%4").arg(name_, colour.name()).arg(size.width()).arg(size.height());
    QPixmap pixmap;
    if (!QPixmapCache::find(key, &pixmap)) {
      pixmap = QPixmap(size);
      pixmap.fill(Qt::transparent);
      QPainter painter(&pixmap);
      paint(&painter, QRect(QPoint(), size), mode, state);
      painter.end();
      QPixmapCache::insert(key, pixmap);
    }
    return pixmap;
  }

  QIconEngine* clone() const override { return new IconEngine(name_, ink_); }
  QString key() const override { return QStringLiteral("netwright"); }

 private:
  QString name_;
  Ink ink_;
};

}  // namespace

QIcon icon(const QString& name, Ink ink) {
  return QIcon(new IconEngine(name, ink));
}

QColor colour_of(Ink ink) {
  const Colours& c = colours();
  switch (ink) {
    case Ink::Muted:
      return c.muted;
    case Ink::Accent:
      return c.accent;
    case Ink::OnAccent:
      return c.on_accent;
    case Ink::Error:
      return c.error;
    case Ink::Warning:
      return c.warning;
    case Ink::Advice:
      return c.advice;
    case Ink::Success:
      return c.success;
    case Ink::Text:
      break;
  }
  return c.text;
}

}  // namespace netwright
