// The designer's main: arguments, appearance, the window.
#include <QApplication>
#include <QCommandLineParser>

#include <algorithm>
#include <memory>
#include <string_view>

#include "designer/main_window.h"
#include "designer/theme/theme.h"
#include "designer/window/project_files.h"
#include "designer/window/user_settings.h"

namespace {

/// Help and version must work where there is no display.
bool only_prints(int argc, char** argv) {
  return std::any_of(argv + 1, argv + argc, [](std::string_view argument) {
    return argument == "--help" || argument == "-h" || argument == "--version" || argument == "-v" ||
           argument == "--help-all";
  });
}

}  // namespace

int main(int argc, char** argv) {
  QCoreApplication::setOrganizationName(QStringLiteral("netwright"));
  QCoreApplication::setApplicationName(QStringLiteral("netwright"));
  QCoreApplication::setApplicationVersion(QStringLiteral(NETWRIGHT_VERSION));

  QCommandLineParser parser;
  parser.setApplicationDescription(QStringLiteral("Netwright: a desktop designer for deep-learning models."));
  parser.addHelpOption();
  parser.addVersionOption();
  const QCommandLineOption from_template(QStringLiteral("template"), QStringLiteral("Start from this template."),
                                         QStringLiteral("NAME"));
  parser.addOption(from_template);
  parser.addPositionalArgument(QStringLiteral("FILE"), QStringLiteral("A project to open (*.netwright)."),
                               QStringLiteral("[FILE]"));

  std::unique_ptr<QCoreApplication> application;
  if (only_prints(argc, argv)) {
    application = std::make_unique<QCoreApplication>(argc, argv);
  } else {
    application = std::make_unique<QApplication>(argc, argv);
  }
  parser.process(*application);

  using netwright::Appearance;
  const int appearance = netwright::UserSettings().value(QStringLiteral("appearance"), 0).toInt();
  netwright::Theme::instance().set_appearance(
      static_cast<Appearance>(std::clamp(appearance, 0, static_cast<int>(Appearance::Dark))));

  netwright::MainWindow window;
  window.show();
  if (parser.isSet(from_template)) {
    window.files().new_from_template(parser.value(from_template));
  } else if (!parser.positionalArguments().isEmpty()) {
    window.files().open_file(parser.positionalArguments().front());
  }
  return QApplication::exec();
}
