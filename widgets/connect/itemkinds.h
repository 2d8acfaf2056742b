#pragma once

#include "core/node.h"

#include <functional>

namespace sg {

// How a source's item tells kinds of messages apart (cases), reads a list item by item (each) and takes a text apart (split). Pure.

constexpr int NoKinds = -1; // in place of the number of a kind: there are no cases
constexpr std::size_t MostKinds = 20; // that one place tells

// What stands at a place of one message; nothing: the place is not there.
using TextAt = std::function<std::optional<std::string>(const std::string &where)>;

bool canHaveKinds(const Node &item); // of what is read as JSON alone
// The case that reads a message; the number behind the last one when none does.
int kindOf(const Node &item, const TextAt &textAt);
// Where it says how messages of a kind are read: the format's own map, or one of its cases. The other one makes what is not there.
const Node &bodyOf(const Node &item, int kind);
Node &bodyOf(Node &item, int kind);
const Node &formatOf(const Node &item);
Node &formatOf(Node &item);

// The place as the grammar has it under an `each`: "/batch/0/v" is "item:/v".
std::string placeIn(const Node &body, const std::string &where);
bool isOfItem(const std::string &where); // of an item, or of a text that is taken apart

bool tellsKinds(const Node &item, const std::string &where);
// A case for each value of the place, read as its map says; all other messages are ignored.
void setKinds(Node &item, const std::string &where, const std::vector<std::pair<std::string, Node>> &kinds);
void dropKinds(Node &item); // what all of them read is read of every message

// `reads`: fields or a reading of the items; without them their values are learned.
void setEach(Node &item, int kind, const std::string &pointer, const Node &reads);
void dropEach(Node &item, int kind);

// "L1.P-07.temp" -> "{line}.{device}.{point}"; empty: nothing divides it.
std::string splitFor(const std::string &text);
// Its parts are labels; the last one names the field whose value stands at `value`, unless that is empty and nothing reads one yet.
Result<Done> setSplit(Node &item, int kind, const std::string &where, const std::string &pattern, const std::string &value);
void dropSplit(Node &item, int kind);
// The parts of a text by a split's pattern: name, text. None when it is not of that form.
std::vector<std::pair<std::string, std::string>> splitParts(const std::string &pattern, const std::string &text);

}
