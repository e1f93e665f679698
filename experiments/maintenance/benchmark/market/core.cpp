// The market core in C++: one run after the other, all its months. core.py holds the equations and
// the constants, which the compiler is given.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace {

constexpr int places = PLACES, suppliers_each = SUPPLIERS, lead = LEAD, metrics = 20;
constexpr double wear = WEAR, follow = FOLLOW, service = SERVICE, adjust = ADJUST, swing = SWING,
                 aim = AIM, smoothing = SMOOTH, growth = GROWTH, input_cost = INPUT_COST,
                 capital_cost = CAPITAL_COST;
// Customers whose exponentials are taken together: they stay in the first-level cache.
constexpr int64_t chunk = 256;

}  // namespace

extern "C" {

struct Inputs {
    int64_t firms, customers, suppliers;
    const uint32_t *supplier;
    const double *weight;
    const uint32_t *firm;
    const double *quality, *taste, *sensitivity, *pull, *need;
};

// Rows of one run, which is carried on where the last call left it.
struct State {
    double *price, *capacity, *expected, *held, *served, *on_order, *cash, *pipeline;
    double *output, *stock, *log_odds;
};

void advance(const Inputs *in, const State *state, int64_t month, int64_t months,
             const double *lucky_demand, const double *lucky_supply, double *out) {
    const Inputs &w = *in;
    const State &s = *state;
    std::vector<double> asked(w.suppliers), share(w.suppliers), granted(w.firms), appeal(w.firms),
        log_price(w.firms), demand(w.firms), odds(chunk * places);

    for (int64_t t = 0; t < months; t++) {
        double *pipeline = s.pipeline + ((month + t) % lead) * w.firms;
        double arrived = 0.0;
        for (int64_t f = 0; f < w.firms; f++) {
            s.capacity[f] = s.capacity[f] * (1.0 - wear) + pipeline[f];
            s.on_order[f] -= pipeline[f];
            arrived += pipeline[f];
        }

        std::fill(asked.begin(), asked.end(), 0.0);
        for (int64_t f = 0; f < w.firms; f++) {
            const double need = std::max(std::min(s.expected[f], s.capacity[f]) - s.held[f], 0.0);
            granted[f] = need;
            for (int j = 0; j < suppliers_each; j++) {
                const int64_t edge = f * suppliers_each + j;
                asked[w.supplier[edge]] += w.weight[edge] * need;
            }
        }
        double all_asked = 0.0, all_granted = 0.0, all_stock = 0.0;
        for (int64_t i = 0; i < w.suppliers; i++) {
            s.stock[i] += s.output[i] * lucky_supply[t];
            share[i] = asked[i] > 0.0 ? std::min(s.stock[i] / asked[i], 1.0) : 0.0;
            const double delivered = asked[i] * share[i];
            s.stock[i] -= delivered;
            s.output[i] += follow * (asked[i] - s.output[i]);
            all_asked += asked[i];
            all_granted += delivered;
            all_stock += s.stock[i];
        }
        for (int64_t f = 0; f < w.firms; f++) {
            const double need = granted[f];
            granted[f] = 0.0;
            for (int j = 0; j < suppliers_each; j++) {
                const int64_t edge = f * suppliers_each + j;
                granted[f] += w.weight[edge] * need * share[w.supplier[edge]];
            }
            s.held[f] += granted[f];
        }

        for (int64_t f = 0; f < w.firms; f++) {
            appeal[f] = w.quality[f] + service * s.served[f];
            log_price[f] = std::log(s.price[f]);
            demand[f] = 0.0;
        }
        double squares = 0.0;
        for (int64_t first = 0; first < w.customers; first += chunk) {
            const int64_t last = std::min(first + chunk, w.customers);
            for (int64_t c = first; c < last; c++) {
                const uint32_t *firm = w.firm + c * places;
                double *kept = s.log_odds + c * places, *u = &odds[(c - first) * places];
                for (int j = 0; j < places; j++) {
                    const double wish = w.taste[c] * appeal[firm[j]] -
                                        w.sensitivity[c] * log_price[firm[j]];
                    kept[j] += w.pull[c] * (wish - kept[j]);
                }
                double best = kept[0];
                for (int j = 1; j < places; j++) best = std::max(best, kept[j]);
                for (int j = 0; j < places; j++) u[j] = kept[j] - best;
            }
            for (int64_t i = 0; i < (last - first) * places; i++) odds[i] = std::exp(odds[i]);
            for (int64_t c = first; c < last; c++) {
                const uint32_t *firm = w.firm + c * places;
                const double *u = &odds[(c - first) * places];
                double sum = 0.0, square = 0.0;
                for (int j = 0; j < places; j++) {
                    sum += u[j];
                    square += u[j] * u[j];
                }
                const double scale = w.need[c] * lucky_demand[t] / sum;
                for (int j = 0; j < places; j++) demand[firm[j]] += scale * u[j];
                squares += square / (sum * sum);
            }
        }

        double all_demand = 0.0, all_sold = 0.0, unserved = 0.0, capacity = 0.0, ordered = 0.0,
               on_order = 0.0, revenue = 0.0, paid = 0.0, cash = 0.0, firm_squares = 0.0,
               quality = 0.0, held = 0.0;
        for (int64_t f = 0; f < w.firms; f++) {
            const double sold = std::min(std::min(demand[f], s.capacity[f]), s.held[f]);
            s.served[f] = demand[f] > 0.0 ? sold / demand[f] : 1.0;
            s.held[f] -= sold;
            const double earned = s.price[f] * sold;

            const double tightness = demand[f] / s.capacity[f] - aim;
            s.price[f] *= std::exp(adjust * std::min(std::max(tightness, -swing), swing));

            s.expected[f] += smoothing * (demand[f] - s.expected[f]);
            const double lacking = s.expected[f] / aim - s.capacity[f] - s.on_order[f];
            const double order = std::min(std::max(lacking, 0.0), growth * s.capacity[f]);
            pipeline[f] = order;
            s.on_order[f] += order;
            s.cash[f] += earned - input_cost * granted[f] - capital_cost * order;

            all_demand += demand[f];
            all_sold += sold;
            unserved += demand[f] - sold;
            capacity += s.capacity[f];
            ordered += order;
            on_order += s.on_order[f];
            revenue += earned;
            paid += input_cost * granted[f];
            cash += s.cash[f];
            firm_squares += sold * sold;
            quality += sold * w.quality[f];
            held += s.held[f];
        }
        const double taken[metrics] = {
            all_demand, all_sold, unserved, capacity, ordered, arrived, on_order,
            all_sold / capacity, revenue / all_sold, revenue, paid,
            revenue - paid - capital_cost * ordered, cash, firm_squares / (all_sold * all_sold),
            quality / all_sold, squares / static_cast<double>(w.customers), all_asked, all_granted,
            all_stock, held};
        std::copy(taken, taken + metrics, out + t * metrics);
    }
}

}  // extern "C"
