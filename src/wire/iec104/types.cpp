#include "wire/iec104/types.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace hw::iec104 {
namespace {

constexpr TypeFacts types[] = {
    {TypeId::m_sp_na, "M_SP_NA_1", Form::single, TimeForm::none, 1},
    {TypeId::m_sp_ta, "M_SP_TA_1", Form::single, TimeForm::cp24, 4},
    {TypeId::m_dp_na, "M_DP_NA_1", Form::double_point, TimeForm::none, 1},
    {TypeId::m_dp_ta, "M_DP_TA_1", Form::double_point, TimeForm::cp24, 4},
    {TypeId::m_st_na, "M_ST_NA_1", Form::step, TimeForm::none, 2},
    {TypeId::m_st_ta, "M_ST_TA_1", Form::step, TimeForm::cp24, 5},
    {TypeId::m_bo_na, "M_BO_NA_1", Form::bits, TimeForm::none, 5},
    {TypeId::m_bo_ta, "M_BO_TA_1", Form::bits, TimeForm::cp24, 8},
    {TypeId::m_me_na, "M_ME_NA_1", Form::normalized, TimeForm::none, 3},
    {TypeId::m_me_ta, "M_ME_TA_1", Form::normalized, TimeForm::cp24, 6},
    {TypeId::m_me_nb, "M_ME_NB_1", Form::scaled, TimeForm::none, 3},
    {TypeId::m_me_tb, "M_ME_TB_1", Form::scaled, TimeForm::cp24, 6},
    {TypeId::m_me_nc, "M_ME_NC_1", Form::short_float, TimeForm::none, 5},
    {TypeId::m_me_tc, "M_ME_TC_1", Form::short_float, TimeForm::cp24, 8},
    {TypeId::m_it_na, "M_IT_NA_1", Form::counter, TimeForm::none, 5},
    {TypeId::m_it_ta, "M_IT_TA_1", Form::counter, TimeForm::cp24, 8},
    {TypeId::m_ep_ta, "M_EP_TA_1", Form::protection_event, TimeForm::cp24, 6},
    {TypeId::m_ep_tb, "M_EP_TB_1", Form::protection_start, TimeForm::cp24, 7},
    {TypeId::m_ep_tc, "M_EP_TC_1", Form::protection_output, TimeForm::cp24, 7},
    {TypeId::m_ps_na, "M_PS_NA_1", Form::packed_singles, TimeForm::none, 5},
    {TypeId::m_me_nd, "M_ME_ND_1", Form::normalized_bare, TimeForm::none, 2},
    {TypeId::m_sp_tb, "M_SP_TB_1", Form::single, TimeForm::cp56, 8},
    {TypeId::m_dp_tb, "M_DP_TB_1", Form::double_point, TimeForm::cp56, 8},
    {TypeId::m_st_tb, "M_ST_TB_1", Form::step, TimeForm::cp56, 9},
    {TypeId::m_bo_tb, "M_BO_TB_1", Form::bits, TimeForm::cp56, 12},
    {TypeId::m_me_td, "M_ME_TD_1", Form::normalized, TimeForm::cp56, 10},
    {TypeId::m_me_te, "M_ME_TE_1", Form::scaled, TimeForm::cp56, 10},
    {TypeId::m_me_tf, "M_ME_TF_1", Form::short_float, TimeForm::cp56, 12},
    {TypeId::m_it_tb, "M_IT_TB_1", Form::counter, TimeForm::cp56, 12},
    {TypeId::m_ep_td, "M_EP_TD_1", Form::protection_event, TimeForm::cp56, 10},
    {TypeId::m_ep_te, "M_EP_TE_1", Form::protection_start, TimeForm::cp56, 11},
    {TypeId::m_ep_tf, "M_EP_TF_1", Form::protection_output, TimeForm::cp56, 11},
    {TypeId::c_sc_na, "C_SC_NA_1", Form::single_command, TimeForm::none, 1},
    {TypeId::c_dc_na, "C_DC_NA_1", Form::double_command, TimeForm::none, 1},
    {TypeId::c_rc_na, "C_RC_NA_1", Form::step_command, TimeForm::none, 1},
    {TypeId::c_se_na, "C_SE_NA_1", Form::normalized_command, TimeForm::none, 3},
    {TypeId::c_se_nb, "C_SE_NB_1", Form::scaled_command, TimeForm::none, 3},
    {TypeId::c_se_nc, "C_SE_NC_1", Form::short_command, TimeForm::none, 5},
    {TypeId::c_bo_na, "C_BO_NA_1", Form::bits_command, TimeForm::none, 4},
    {TypeId::c_sc_ta, "C_SC_TA_1", Form::single_command, TimeForm::cp56, 8},
    {TypeId::c_dc_ta, "C_DC_TA_1", Form::double_command, TimeForm::cp56, 8},
    {TypeId::c_rc_ta, "C_RC_TA_1", Form::step_command, TimeForm::cp56, 8},
    {TypeId::c_se_ta, "C_SE_TA_1", Form::normalized_command, TimeForm::cp56, 10},
    {TypeId::c_se_tb, "C_SE_TB_1", Form::scaled_command, TimeForm::cp56, 10},
    {TypeId::c_se_tc, "C_SE_TC_1", Form::short_command, TimeForm::cp56, 12},
    {TypeId::c_bo_ta, "C_BO_TA_1", Form::bits_command, TimeForm::cp56, 11},
    {TypeId::m_ei_na, "M_EI_NA_1", Form::end_of_initialization, TimeForm::none, 1},
    {TypeId::c_ic_na, "C_IC_NA_1", Form::qualifier, TimeForm::none, 1},
    {TypeId::c_ci_na, "C_CI_NA_1", Form::qualifier, TimeForm::none, 1},
    {TypeId::c_rd_na, "C_RD_NA_1", Form::nothing, TimeForm::none, 0},
    {TypeId::c_cs_na, "C_CS_NA_1", Form::clock, TimeForm::cp56, 7},
    {TypeId::c_ts_na, "C_TS_NA_1", Form::test_pattern, TimeForm::none, 2},
    {TypeId::c_rp_na, "C_RP_NA_1", Form::qualifier, TimeForm::none, 1},
    {TypeId::c_ts_ta, "C_TS_TA_1", Form::test_pattern, TimeForm::cp56, 9},
};

}  // namespace

const TypeFacts* find_type(TypeId type) {
    const auto found = std::ranges::lower_bound(types, type, {}, &TypeFacts::type);
    return found != std::end(types) && found->type == type ? found : nullptr;
}

std::string name_of(TypeId type) {
    const TypeFacts* facts = find_type(type);
    return facts != nullptr ? std::string(facts->name)
                            : fmt::format("type {}", static_cast<int>(type));
}

TypeId with_time(TypeId type) {
    const TypeFacts* facts = find_type(type);
    if (facts == nullptr) return type;
    const auto found = std::ranges::find_if(types, [&](const TypeFacts& other) {
        return other.form == facts->form && other.time == TimeForm::cp56;
    });
    return found != std::end(types) ? found->type : type;
}

std::string name_of(Cause cause) {
    switch (cause) {
        case Cause::periodic:
            return "periodic";
        case Cause::background:
            return "background scan";
        case Cause::spontaneous:
            return "spontaneous";
        case Cause::initialized:
            return "initialized";
        case Cause::request:
            return "requested";
        case Cause::activation:
            return "activation";
        case Cause::activation_confirmation:
            return "activation confirmation";
        case Cause::deactivation:
            return "deactivation";
        case Cause::deactivation_confirmation:
            return "deactivation confirmation";
        case Cause::activation_termination:
            return "activation termination";
        case Cause::return_remote:
            return "return information of a remote command";
        case Cause::return_local:
            return "return information of a local command";
        case Cause::file_transfer:
            return "file transfer";
        case Cause::interrogated_by_station:
            return "interrogated by station";
        case Cause::counters_requested:
            return "requested by general counter request";
        case Cause::unknown_type:
            return "unknown type identification";
        case Cause::unknown_cause:
            return "unknown cause of transmission";
        case Cause::unknown_common_address:
            return "unknown common address of ASDU";
        case Cause::unknown_object_address:
            return "unknown information object address";
    }
    const int number = static_cast<int>(cause);
    if (number >= 21 && number <= 36) return fmt::format("interrogated by group {}", number - 20);
    if (number >= 38 && number <= 41) return fmt::format("counters of group {}", number - 37);
    return fmt::format("cause {}", number);
}

}  // namespace hw::iec104
