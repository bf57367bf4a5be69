// Every operation that can be inverted: f⁻¹(f(u)) is u, and the log-Jacobian is what central differences give.
#include <gtest/gtest.h>

#include "compiler/Pipelines/Pipelines.h"
#include "compiler/Transforms/Passes.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "tests/unit/pipelines/Evaluator.h"

namespace acie {
namespace {

/// An equation y = f(u), as the operations of a region with the argument %u, and values of u to try.
struct Case {
  const char* name;
  const char* equation;
  std::vector<double> at;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class Inverse : public ::testing::TestWithParam<Case> {
 protected:
  Inverse() {
    mlir::DialectRegistry registry;
    pipelines::registerDialects(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
  }
  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
};

TEST_P(Inverse, RoundTripsAndHasItsDerivative) {
  std::string text = R"IR(
    acie.model @M {
      acie.exo @u law "normal(0, 1)" : f64 {
        %n = acie.sample "u" std_normal : f64
        acie.yield %n : f64
      }
      acie.var @y(@u) : f64 {
      ^bb0(%u: f64):
        %c = arith.constant 1.5 : f64
        %three = arith.constant 3.0 : f64
        %five = arith.constant 5.0 : f64
        %two = arith.constant 2.0 : f64
        )IR" + std::string(GetParam().equation) + R"IR(
        acie.yield %y : f64
      }
    }
    acie.query @q on @M evidence per_row {
      acie.program {
        %y = acie.column "y" given : f64
        %u, %j = acie.abduct @u from @y %y() : (f64) -> f64, f64
        acie.output "u" value %u : f64
        acie.output "j" value %j : f64
      }
    })IR";
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  ASSERT_TRUE(module);
  auto variable = *(*module->getOps<ir::ModelOp>().begin()).getBody().front().getOps<ir::VarOp>().begin();
  mlir::Block& equation = variable.getEquation().front();
  auto f = [&](double u) {
    testing::Evaluator evaluator;
    evaluator.values[equation.getArgument(0)] = u;
    evaluator.run(equation);
    return evaluator.values.lookup(equation.getTerminator()->getOperand(0));
  };
  std::vector<double> images, slopes;
  for (double u : GetParam().at) {
    double h = 1e-6 * std::max(1.0, std::fabs(u));
    images.push_back(f(u));
    slopes.push_back((f(u + h) - f(u - h)) / (2 * h));
  }

  mlir::PassManager manager(&context);
  manager.addPass(transforms::createInvertMechanism());
  ASSERT_TRUE(succeeded(manager.run(*module)));
  auto query = *module->getOps<ir::QueryOp>().begin();
  mlir::Block& program = (*query.getBody().front().getOps<ir::ProgramOp>().begin()).getBody().front();
  for (size_t i = 0; i < images.size(); ++i) {
    testing::Evaluator evaluator;
    evaluator.leaves["y"] = images[i];
    evaluator.run(program);
    std::map<std::string, double> outputs;
    for (auto output : program.getOps<ir::OutputOp>())
      outputs[output.getName().str()] = evaluator.values.lookup(output.getOperand());
    double u = GetParam().at[i];
    EXPECT_NEAR(outputs["u"], u, 1e-11 * std::max(1.0, std::fabs(u)));
    EXPECT_NEAR(outputs["j"], std::log(std::fabs(slopes[i])), 1e-6);
  }
}

const Case kCases[] = {
    {"add", "%y = arith.addf %c, %u : f64", {-2, 0.5, 3}},
    {"sub_left", "%y = arith.subf %u, %c : f64", {-2, 0.5, 3}},
    {"sub_right", "%y = arith.subf %c, %u : f64", {-2, 0.5, 3}},
    {"mul", "%y = arith.mulf %c, %u : f64", {-2, 0.5, 3}},
    {"div_left", "%y = arith.divf %u, %c : f64", {-2, 0.5, 3}},
    {"div_right", "%y = arith.divf %c, %u : f64", {-2, 0.5, 3}},
    {"neg", "%y = arith.negf %u : f64", {-2, 0.5, 3}},
    {"sqrt", "%y = acie.sqrt %u : f64", {0.5, 3}},
    {"cbrt", "%y = acie.cbrt %u : f64", {-2, 0.5, 3}},
    {"pow_square", "%y = acie.pow %u, %two : f64", {0.5, 3}},
    {"pow_cube", "%y = acie.pow %u, %three : f64", {-2, 0.5, 3}},
    {"pow_odd", "%y = acie.pow %u, %five : f64", {-2, 0.5, 3}},
    {"pow_fraction", "%y = acie.pow %u, %c : f64", {0.5, 3}},
    {"pow_exponent", "%y = acie.pow %c, %u : f64", {-2, 0.5, 3}},
    {"exp", "%y = acie.exp %u : f64", {-2, 0.5, 3}},
    {"exp2", "%y = acie.exp2 %u : f64", {-2, 0.5, 3}},
    {"exp10", "%y = acie.exp10 %u : f64", {-2, 0.5, 3}},
    {"expm1", "%y = acie.expm1 %u : f64", {-2, 1e-3, 3}},
    {"log", "%y = acie.log %u : f64", {0.5, 3}},
    {"log2", "%y = acie.log2 %u : f64", {0.5, 3}},
    {"log10", "%y = acie.log10 %u : f64", {0.5, 3}},
    {"log1p", "%y = acie.log1p %u : f64", {-0.5, 3}},
    {"tan", "%y = acie.tan %u : f64", {-1, 0.5}},
    {"asin", "%y = acie.asin %u : f64", {-0.9, 0.5}},
    {"acos", "%y = acie.acos %u : f64", {-0.9, 0.5}},
    {"atan", "%y = acie.atan %u : f64", {-2, 0.5, 3}},
    {"sinh", "%y = acie.sinh %u : f64", {-2, 0.5, 3}},
    {"tanh", "%y = acie.tanh %u : f64", {-2, 0.5, 1}},
    {"asinh", "%y = acie.asinh %u : f64", {-2, 0.5, 3}},
    {"acosh", "%y = acie.acosh %u : f64", {1.5, 3}},
    {"atanh", "%y = acie.atanh %u : f64", {-0.9, 0.5}},
    {"sigmoid", "%y = acie.sigmoid %u : f64", {-2, 0.5, 3}},
    {"logit", "%y = acie.logit %u : f64", {0.1, 0.5, 0.9}},
    {"softplus", "%y = acie.softplus %u : f64", {-2, 0.5, 3}},
    {"erf", "%y = acie.erf %u : f64", {-1, 0.5, 1.2}},
    {"erfc", "%y = acie.erfc %u : f64", {-1, 0.5, 2}},
    {"norm_cdf", "%y = acie.norm_cdf %u : f64", {-2, 0.5, 1}},
    {"norm_quantile", "%y = acie.norm_quantile %u : f64", {0.1, 0.5, 0.9}},
    {"gamma_cdf", "%y = acie.gamma_cdf %u, %c : f64", {0.5, 2}},
    {"gamma_quantile", "%y = acie.gamma_quantile %u, %c : f64", {0.1, 0.5, 0.9}},
    {"beta_cdf", "%y = acie.beta_cdf %u, %c, %three : f64", {0.2, 0.7}},
    {"beta_quantile", "%y = acie.beta_quantile %u, %c, %three : f64", {0.1, 0.5, 0.9}},
    {"student_t_cdf", "%y = acie.student_t_cdf %u, %three : f64", {-1, 0.5}},
    {"student_t_quantile", "%y = acie.student_t_quantile %u, %three : f64", {0.1, 0.6, 0.9}},
    {"composition",
     "%a = acie.exp %u : f64\n%b = arith.addf %a, %c : f64\n%d = acie.log %b : f64\n%y = arith.divf %two, %d : f64",
     {-2, 0.5, 3}},
};

INSTANTIATE_TEST_SUITE_P(Operations, Inverse, ::testing::ValuesIn(kCases),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace acie
