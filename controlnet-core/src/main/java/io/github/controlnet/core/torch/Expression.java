package io.github.controlnet.core.torch;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** An expression of TorchScript, and what it reads. */
public sealed interface Expression {

  /** A variable. */
  record Variable(String name) implements Expression {}

  /** A weight of the module. */
  record Weight(String name) implements Expression {}

  /** A constant or an argument. */
  record Text(String text) implements Expression {}

  /**
   * A call.
   *
   * @param function its name
   * @param result what is done with what it returns: "" or an index in brackets
   */
  record Call(String function, List<Expression> arguments, String result) implements Expression {
    public Call {
      arguments = List.copyOf(arguments);
    }
  }

  record Sequence(List<Expression> parts) implements Expression {
    public Sequence {
      parts = List.copyOf(parts);
    }
  }

  record Named(String name, Expression value) implements Expression {}

  /** An element of a list. */
  record Element(Expression list, Expression index) implements Expression {}

  /** A call of a function. */
  static Expression call(String function, Object... arguments) {
    return new Call(function, Arrays.stream(arguments).map(Expression::of).toList(), "");
  }

  /** A list. */
  static Expression list(Object... parts) {
    return new Sequence(Arrays.stream(parts).map(Expression::of).toList());
  }

  /** Two equal numbers, for rows and columns. */
  static Expression twice(int number) {
    return list(number, number);
  }

  /** A list of tensors that may be empty. */
  static Expression tensors(List<? extends Expression> tensors) {
    return call("annotate", text("List[Tensor]"), new Sequence(List.copyOf(tensors)));
  }

  static Expression text(String text) {
    return new Text(text);
  }

  static Expression quoted(String text) {
    return new Text("\"" + text + "\"");
  }

  /** An expression or a constant. */
  static Expression of(Object object) {
    if (object instanceof Expression expression) {
      return expression;
    }
    if (object instanceof Double real) {
      return new Text(number(real));
    }
    if (object instanceof Boolean flag) {
      return new Text(flag ? "True" : "False");
    }
    return new Text(object.toString());
  }

  /** A real number as TorchScript writes it. */
  static String number(double value) {
    String plain = new BigDecimal(Double.toString(value)).toPlainString();
    return plain.contains(".") ? plain : plain + ".0";
  }

  private Stream<Expression> parts() {
    if (this instanceof Call call) {
      return call.arguments().stream();
    }
    if (this instanceof Sequence sequence) {
      return sequence.parts().stream();
    }
    if (this instanceof Named named) {
      return Stream.of(named.value());
    }
    return this instanceof Element element
        ? Stream.of(element.list(), element.index())
        : Stream.empty();
  }

  /** The variables that it reads, in order. */
  default Stream<String> variables() {
    return this instanceof Variable variable
        ? Stream.of(variable.name())
        : parts().flatMap(Expression::variables);
  }

  /** The weights that it reads, in order. */
  default Stream<String> weights() {
    return this instanceof Weight weight
        ? Stream.of(weight.name())
        : parts().flatMap(Expression::weights);
  }

  /** Tells whether it is no operator, so that it needs no line of its own. */
  default boolean isAtom() {
    return this instanceof Variable
        || this instanceof Weight
        || this instanceof Text
        || (this instanceof Element element && element.list() instanceof Text);
  }

  /** The text. */
  default String print() {
    if (this instanceof Variable variable) {
      return variable.name();
    }
    if (this instanceof Weight weight) {
      return "w[\"" + weight.name() + "\"]";
    }
    if (this instanceof Text constant) {
      return constant.text();
    }
    if (this instanceof Named named) {
      return named.name() + "=" + named.value().print();
    }
    if (this instanceof Element element) {
      return element.list().print() + "[" + element.index().print() + "]";
    }
    String inside = parts().map(Expression::print).collect(Collectors.joining(", "));
    if (this instanceof Call call) {
      String text = call.function() + "(" + inside + ")";
      return call.result().isEmpty() ? text : "(" + text + ")" + call.result();
    }
    return "[" + inside + "]";
  }
}
