// Reads what was filed: for the State itself and the secretariat.
#pragma once

#include <functional>

#include "checklist_intake/intake_parts.h"

namespace uncac::checklist_intake {

platform::Result<checklist::v1::GetResponseReply> get_response(
    const IntakeParts& parts, const platform::Call& call,
    const checklist::v1::GetResponseRequest& request);
platform::Result<checklist::v1::ListResponsesReply> list_responses(
    const IntakeParts& parts, const platform::Call& call,
    const checklist::v1::ListResponsesRequest& request);
platform::Result<checklist::v1::GetHistoryReply> get_history(
    const IntakeParts& parts, const platform::Call& call,
    const checklist::v1::GetHistoryRequest& request);
platform::Result<checklist::v1::ListSharingReply> list_sharing(
    const IntakeParts& parts, const platform::Call& call,
    const checklist::v1::ListSharingRequest& request);
// One version as a checklist CSV, in pieces.
platform::Status export_response(
    const IntakeParts& parts, const platform::Call& call,
    const checklist::v1::ExportRequest& request,
    const std::function<bool(const checklist::v1::ExportReply&)>& send);

}  // namespace uncac::checklist_intake
