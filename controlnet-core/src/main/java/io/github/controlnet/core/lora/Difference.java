package io.github.controlnet.core.lora;

/**
 * What is added to a weight, seen as a matrix: as many rows as the weight's first side, the other
 * sides in one.
 */
interface Difference {

  int rows();

  int columns();

  /** Reads the factors. */
  Rows open();

  /** A difference that is stored as it is. */
  record Whole(Factor values) implements Difference {
    @Override
    public int rows() {
      return values.rows();
    }

    @Override
    public int columns() {
      return values.columns();
    }

    @Override
    public Rows open() {
      float[] all = values.read();
      int columns = columns();
      return (index, target) -> {
        for (int j = 0; j < columns; j++) {
          target[j] = all[index * columns + j];
        }
      };
    }
  }

  /**
   * LoRA (Hu et al. 2021, arXiv:2106.09685): the product of a tall and a wide matrix. With a core
   * (LyCORIS' Tucker form) W[o, i, k] = sum up[o, p] mid[p, q, k] down[q, i].
   */
  record Product(Pair factors) implements Difference {
    @Override
    public int rows() {
      return factors.rows();
    }

    @Override
    public int columns() {
      return factors.columns();
    }

    @Override
    public Rows open() {
      Matrix up = factors.tall();
      Matrix down = factors.wide();
      return (index, target) -> up.timesRow(index, down, target);
    }
  }

  /** LoHa (Yeh et al. 2024, arXiv:2309.14859): two such products, multiplied place by place. */
  record Hadamard(Pair first, Pair second) implements Difference {
    @Override
    public int rows() {
      return first.rows();
    }

    @Override
    public int columns() {
      return first.columns();
    }

    @Override
    public Rows open() {
      Matrix up = first.tall();
      Matrix down = first.wide();
      Matrix otherUp = second.tall();
      Matrix otherDown = second.wide();
      return (index, target) -> {
        double[] other = new double[target.length];
        up.timesRow(index, down, target);
        otherUp.timesRow(index, otherDown, other);
        for (int j = 0; j < target.length; j++) {
          target[j] *= other[j];
        }
      };
    }
  }

  /**
   * LoKr (the same paper): the Kronecker product of a small matrix [a, b] and a larger one [c, d,
   * kernel], either of which may be a product itself.
   */
  record Kronecker(Side first, Side second) implements Difference {
    @Override
    public int rows() {
      return Math.multiplyExact(first.rows(), second.rows());
    }

    @Override
    public int columns() {
      return Math.multiplyExact(first.columns(), second.columns());
    }

    @Override
    public Rows open() {
      Matrix small = first.open();
      Matrix large = second.open();
      return (index, target) -> {
        int row = index / large.rows();
        int from = index % large.rows() * large.columns();
        for (int i = 0; i < small.columns(); i++) {
          double factor = small.values()[row * small.columns() + i];
          for (int j = 0; j < large.columns(); j++) {
            target[i * large.columns() + j] = factor * large.values()[from + j];
          }
        }
      };
    }
  }

  /** A matrix that is stored whole or as a product. */
  interface Side {
    int rows();

    int columns();

    Matrix open();

    static Side whole(Factor values) {
      return new Side() {
        @Override
        public int rows() {
          return values.rows();
        }

        @Override
        public int columns() {
          return values.columns();
        }

        @Override
        public Matrix open() {
          return values.matrix();
        }
      };
    }

    static Side product(Pair pair) {
      return new Side() {
        @Override
        public int rows() {
          return pair.rows();
        }

        @Override
        public int columns() {
          return pair.columns();
        }

        @Override
        public Matrix open() {
          return pair.tall().times(pair.wide());
        }
      };
    }
  }
}
