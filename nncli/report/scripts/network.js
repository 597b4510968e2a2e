// The trained network: its operations in order of computation, and both passes of the lecture through them.

// Each activation as value(z) and slope(z, y), the derivative; the names are those of nncli/nn/activations.py.
const ACTIVATIONS = {
  linear: { value: (z) => z, slope: () => 1 },
  relu: { value: (z) => (z > 0 ? z : 0), slope: (z) => (z > 0 ? 1 : 0) },
  soft_relu: { value: (z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))), slope: (z) => logistic(z) },
  gelu: {
    value: (z) => z * normalCdf(z),
    slope: (z) => normalCdf(z) + (z * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI),
  },
  hard_threshold: { value: (z) => (z > 0 ? 1 : 0), slope: () => 0 },
  logistic: { value: (z) => logistic(z), slope: (z, y) => y * (1 - y) },
  tanh: { value: Math.tanh, slope: (z, y) => 1 - y * y },
};

function logistic(z) {
  return 1 / (1 + Math.exp(-z));
}

// Φ(z), from Chebyshev's approximation of erfc with a relative error below 1.2e-7 (Press et al., Numerical Recipes).
function normalCdf(z) {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 2 / (2 + x);
  const terms = [-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277];
  const tail = (t / 2) * Math.exp(-x * x + terms.reduceRight((sum, term) => sum * t + term));
  return z > 0 ? 1 - tail : tail;
}

// Each loss as the value and the error signal ȳ of outputs y for a class, and the probabilities of all classes.
const LOSSES = {
  cross_entropy: {
    formula: "-log softmax(y)ₜ",
    value: (y, target) => logSumExp(y) - y[target],
    error: (y, target) => softmax(y).map((p, i) => p - (i === target)),
    probabilities: softmax,
  },
  logistic_cross_entropy: {
    formula: "-log σ(y)ₜ - Σ log(1 - σ(y)ₖ)",
    value: (y, target) => y.reduce((sum, z, i) => sum + (z > 0) * z - (i === target) * z + Math.log1p(Math.exp(-Math.abs(z))), 0),
    error: (y, target) => y.map((z, i) => logistic(z) - (i === target)),
    probabilities: (y) => softmax(y.map((z) => Math.min(z, 0) - Math.log1p(Math.exp(-Math.abs(z))))),
  },
  squared_error: {
    formula: "½ ‖y - t‖²",
    value: (y, target) => y.reduce((sum, each, i) => sum + (each - (i === target)) ** 2 / 2, 0),
    error: (y, target) => y.map((each, i) => each - (i === target)),
    probabilities(y) {
      const clipped = y.map((each) => Math.min(1, Math.max(1e-12, each)));
      const total = clipped.reduce((a, b) => a + b);
      return clipped.map((each) => each / total);
    },
  },
};

function logSumExp(y) {
  const highest = Math.max(...y);
  return highest + Math.log(y.reduce((sum, each) => sum + Math.exp(each - highest), 0));
}

function softmax(y) {
  const total = logSumExp(y);
  return y.map((each) => Math.exp(each - total));
}

class Network {
  constructor(description, tensors) {
    this.operations = description.operations.map((each) => ({ ...each, arrays: each.arrays.map(tensors) }));
    this.output = description.output;
    this.loss = LOSSES[description.loss];
    this.penalties = description.penalties;
    const unknown = this.operations.filter((each) => each.kind === "activation" && !ACTIVATIONS[each.function]);
    if (!this.loss) throw new Error(`it cannot compute the loss ${description.loss}`);
    if (unknown.length) throw new Error(`it cannot compute the activation ${unknown[0].function}`);
  }

  // Return the value of every node by name, for one example.
  forward(x) {
    const values = new Map([["input", x]]);
    for (const operation of this.operations) {
      values.set(operation.name, COMPUTE[operation.kind](operation, operation.inputs.map((name) => values.get(name))));
    }
    return values;
  }

  outputs(values) {
    return Array.from(values.get(this.output));
  }

  probabilities(values) {
    return this.loss.probabilities(this.outputs(values));
  }

  // Return the error signals of all nodes by name; those of weights and biases as norms alone.
  backward(values, target) {
    const errors = new Map([["loss", Float64Array.of(1)]]), norms = new Map();
    const add = (name, error) => {
      const sum = errors.get(name);
      if (sum) error.forEach((each, i) => (sum[i] += each));
      else errors.set(name, error);
    };
    add(this.output, Float64Array.from(this.loss.error(this.outputs(values), target)));
    for (const operation of [...this.operations].reverse()) {
      const error = errors.get(operation.name) || new Float64Array(operation.units);
      errors.set(operation.name, error);
      const inputs = operation.inputs.map((name) => values.get(name));
      const contributions = CARRY_BACK[operation.kind](operation, error, inputs, values.get(operation.name));
      contributions.forEach((each, i) => add(operation.inputs[i], each));
      if (operation.kind === "affine") {
        const [layer] = operation.name.split(/\.z$/);
        norms.set(`${layer}.weights`, this.weightsNorm(operation, error, inputs[0]));
        norms.set(`${layer}.bias`, norm(error));
      }
    }
    return { errors, norms };
  }

  // ‖W̄‖ with W̄ = z̄ xᵀ + λ₂ W + λ₁ sign W; without penalties, it is ‖z̄‖ ‖x‖. Locally connected units have no weights
  // outside of their windows, where W is 0.
  weightsNorm({ arrays: [weights], local }, error, x) {
    const { l1, l2 } = this.penalties;
    if (!l1 && !l2 && !local) return norm(error) * norm(x);
    let sum = 0;
    for (let i = 0, k = 0; i < error.length; i++) {
      for (let j = 0; j < x.length; j++, k++) {
        if (local && weights[k] === 0) continue;
        sum += (error[i] * x[j] + l2 * weights[k] + l1 * Math.sign(weights[k])) ** 2;
      }
    }
    return Math.sqrt(sum);
  }
}

function norm(values) {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum);
}

const COMPUTE = {
  concatenate({ units }, parts) {
    const y = new Float64Array(units);
    let start = 0;
    for (const part of parts) {
      y.set(part, start);
      start += part.length;
    }
    return y;
  },
  // z = W x + b
  affine({ units, arrays: [weights, bias] }, [x]) {
    const z = new Float64Array(units);
    const inputs = x.length;
    for (let i = 0, k = 0; i < units; i++) {
      let sum = bias[i];
      for (let j = 0; j < inputs; j++) sum += weights[k++] * x[j];
      z[i] = sum;
    }
    return z;
  },
  batchnorm: ({ arrays: [slope, offset] }, [x]) => x.map((each, i) => slope[i] * each + offset[i]),
  activation: ({ function: name }, [z]) => z.map(ACTIVATIONS[name].value),
};

const CARRY_BACK = {
  concatenate(operation, error, parts) {
    let start = 0;
    return parts.map((part) => error.slice(start, (start += part.length)));
  },
  // x̄ = Wᵀ z̄
  affine({ arrays: [weights] }, error, [x]) {
    const inputs = x.length;
    const back = new Float64Array(inputs);
    for (let i = 0, k = 0; i < error.length; i++, k += inputs) {
      if (error[i] === 0) continue;
      for (let j = 0; j < inputs; j++) back[j] += weights[k + j] * error[i];
    }
    return [back];
  },
  batchnorm: ({ arrays: [slope] }, error) => [error.map((each, i) => slope[i] * each)],
  activation({ function: name }, error, [z], y) {
    return [error.map((each, i) => each * ACTIVATIONS[name].slope(z[i], y[i]))];
  },
};
