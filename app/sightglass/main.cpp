#include "catalog/catalog.h"
#include "engine/session.h"
#include "items/texts.h"
#include "widgets/main/mainwindow.h"

#include <QApplication>
#include <QCommandLineParser>

#include <cstdio>

int main(int argc, char **argv)
{
    QApplication app(argc, argv);
    QApplication::setApplicationName(QStringLiteral("Sightglass"));
    QApplication::setApplicationVersion(QStringLiteral(SG_VERSION));
    QApplication::setDesktopFileName(QStringLiteral("sightglass"));

    QCommandLineParser parser;
    parser.setApplicationDescription(
        QCoreApplication::translate("main", "Live charts and alarms of processed Kafka, MQTT and PostgreSQL data."));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument(QStringLiteral("workspace"),
                                 QCoreApplication::translate("main", "Folder of the workspace; without one the demo plant opens."),
                                 QStringLiteral("[workspace]"));
    const QCommandLineOption state(QStringLiteral("state"),
                                   QCoreApplication::translate("main", "Folder of the state (default: under the state home)."),
                                   QStringLiteral("DIR"));
    parser.addOption(state);
    parser.process(app);
    if (parser.positionalArguments().size() > 1) {
        std::fputs("sightglass: one workspace at a time\n", stderr);
        return 2;
    }

    const auto stateFolder = sg::utf8Of(parser.value(state));
    sg::WindowContext context;
    context.catalog = &sg::sourceCatalog();
    context.start = [stateFolder](std::shared_ptr<const sg::Workspace> workspace) {
        sg::SessionOptions options;
        options.stateFolder = stateFolder;
        return sg::startSession(std::move(workspace), sg::sourceCatalog(), options);
    };
    context.read = [stateFolder](const std::string &folder) { return sg::openWorkspace(folder, stateFolder); };
    context.demoFolder = [] { return sg::demoFolder(); };
    if (!parser.positionalArguments().isEmpty())
        context.folder = sg::utf8Of(parser.positionalArguments().constFirst());

    sg::MainWindow window(context);
    window.show();
    return QApplication::exec();
}
