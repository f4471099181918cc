#include "designer/document/clipboard.h"

#include <QClipboard>
#include <QGuiApplication>

namespace netwright {

QMimeData* mime_of(const Network& fragment) {
  const QByteArray text = QByteArray::fromStdString(to_json(fragment));
  auto* data = new QMimeData;
  data->setData(network_mime_type, text);
  data->setText(QString::fromUtf8(text));
  return data;
}

Result<Network> fragment_from(const QMimeData* data) {
  if (data && data->hasFormat(network_mime_type))
    return network_from_json(data->data(network_mime_type).toStdString(), "clipboard");
  if (!data || !data->hasText() || data->text().trimmed().isEmpty())
    return Error{"The clipboard holds no layers. Select layers and copy them first."};
  Result<Network> fragment = network_from_json(data->text().toStdString(), "clipboard");
  if (!fragment) return Error{"The clipboard's text is not a piece of a network. Select layers and copy them first."};
  return fragment;
}

void copy_to_clipboard(const Network& fragment) {
  QGuiApplication::clipboard()->setMimeData(mime_of(fragment));
}

Result<Network> clipboard_fragment() {
  return fragment_from(QGuiApplication::clipboard()->mimeData());
}

}  // namespace netwright
