#include "catalog/catalog.h"
#include "core/awake.h"
#include "engine/attachedsession.h"
#include "items/texts.h"
#include "widgets/main/mainwindow.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QDir>

#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>

int main(int argc, char **argv)
{
    // Help and version need no screen.
    for (int i = 1; i < argc; ++i)
        if (const std::string text = argv[i]; text == "--help" || text == "-h" || text == "--version" || text == "-v")
            qputenv("QT_QPA_PLATFORM", "offscreen");
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
    const QCommandLineOption attach(
        QStringLiteral("attach"),
        QCoreApplication::translate("main", "Open a window on an agent that runs on this machine: its state folder, or its workspace."),
        QStringLiteral("STATE"));
    parser.addOption(attach);
    parser.process(app);
    if (parser.positionalArguments().size() > 1) {
        std::fputs("sightglass: one workspace at a time\n", stderr);
        return 2;
    }
    if (parser.isSet(attach) && (parser.isSet(state) || !parser.positionalArguments().isEmpty())) {
        std::fputs("sightglass: --attach names all that is needed: no workspace, no --state\n", stderr);
        return 2;
    }

    const auto stateFolder = sg::utf8Of(parser.value(state));
    sg::WindowContext context;
    context.catalog = &sg::sourceCatalog();
    // --state is the state of the workspace that the command line names; one that is opened later has its own.
    std::string first;
    if (!parser.positionalArguments().isEmpty())
        first = sg::utf8Of(parser.positionalArguments().constFirst());
    else if (const auto demo = sg::demoFolder())
        first = *demo;
    const auto stateOf = [stateFolder, first](const std::string &folder) {
        std::error_code error;
        const bool isFirst = folder == first || std::filesystem::equivalent(folder, first, error);
        return isFirst || folder.empty() ? stateFolder : std::string();
    };
    context.start = [stateOf](std::shared_ptr<const sg::Workspace> workspace) {
        sg::SessionOptions options;
        options.stateFolder = stateOf(workspace->folder);
        options.senders = &sg::senderCatalog();
        options.consents = sg::Consents::keptFor;
        options.read = [stateOf, folder = workspace->folder] { return sg::openWorkspace(folder, stateOf(folder)); };
        return sg::startSession(std::move(workspace), sg::sourceCatalog(), options);
    };
    context.read = [stateOf](const std::string &folder) { return sg::openWorkspace(folder, stateOf(folder)); };
    context.demoFolder = [] { return sg::demoFolder(); };
    context.attach = [stateOf](const std::string &folder) -> sg::Result<std::unique_ptr<sg::Session>> {
        const auto given = stateOf(folder);
        const auto named = given.empty() ? sg::stateFolderNamed(folder) : sg::Result<std::string>(given);
        if (!named)
            return named.error();
        return sg::attachSession(*named, {[state = *named](const std::string &workspace) { return sg::openWorkspace(workspace, state); }});
    };
    if (!parser.positionalArguments().isEmpty())
        context.folder = sg::utf8Of(parser.positionalArguments().constFirst());
    if (parser.isSet(attach)) {
        context.folder = sg::utf8Of(QDir::current().absoluteFilePath(parser.value(attach)));
        context.isAttaching = true;
    }

    // A window on another process evaluates nothing itself.
    std::optional<sg::Awake> awake;
    if (!context.isAttaching)
        awake.emplace([](const sg::Error &why) { std::fprintf(stderr, "sightglass: %s\n", why.plain().c_str()); });

    sg::MainWindow window(context);
    window.show();
    return QApplication::exec();
}
