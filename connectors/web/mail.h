#pragma once

#include "core/sender.h"

namespace sg {

// SMTP, with STARTTLS or TLS from the first byte and the certificate checked. The Message-ID is made of the message's key, so that a
// repetition is the same mail. What the server answers with 5xx to a recipient or to the text is refused; a login that fails is tried
// again, because the one who can cure it does not change the mail.
SenderKind smtpSender();

// The mail as it is sent: headers that nothing in a text can break out of, the text as base64. For tests.
std::string mailOf(const Notification &message, const std::string &from, const std::vector<std::string> &to);

}
