#pragma once

#include "widgets/connect/itemroles.h"

#include <QWidget>

class QAction;
class QKeyEvent;
class QLabel;
class QLineEdit;
class QMenu;
class QPushButton;

namespace sg {

// What the current place of a message can be used as: buttons, the same and more as a menu, and keys. UI thread.
class PlaceBar : public QWidget
{
    Q_OBJECT

public:
    // Of the current place: what it is, what it can be, what it is used as.
    struct Offer
    {
        QString says;
        QString name; // of the field, label or note; of a split its pattern
        PlaceRole role = PlaceRole::None;
        bool isValue = false;
        bool canTellKinds = false, canBeEach = false, canBeSplit = false;
        bool tellsKinds = false, isEach = false, isSplit = false;
    };

    explicit PlaceBar(QWidget *parent);
    void show(const Offer &offer);
    void say(const QString &text); // in place of what the place is
    void popup(const QPoint &at);
    bool takeKey(const QKeyEvent &key); // of the tree

Q_SIGNALS:
    void used(sg::PlaceRole role, const QString &name);
    // Each of these, asked for again, is taken back.
    void kindsAsked();
    void eachAsked();
    void splitAsked(const QString &pattern); // empty: as it looks

private:
    QAction *addChoice(const char *name, const QString &text);

    Offer m_offer;
    QLabel *m_says;
    QLineEdit *m_name;
    QMenu *m_menu;
    QPushButton *m_more;
    struct Use
    {
        PlaceRole role;
        QPushButton *button;
        QAction *action;
    };
    std::vector<Use> m_uses;
    QAction *m_kinds, *m_each, *m_split;
};

}
