package io.github.controlnet.core.nn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

/** What may be written over, and what not. */
class LastUseTest {
  private static final Signature RUN =
      Signature.of("run", Signature.tensor("x"), Signature.tensor("y"));

  private final Method method = new Graph().method(RUN);
  private final Value x = method.input("x", 2, 3);
  private final Value y = method.input("y", 2, 3);

  private Set<Value> changing(Value result) {
    method.result(result);
    return LastUse.in(method);
  }

  @Test
  void anArgumentStaysAndWhatWasMadeFromItGoes() {
    Value first = x.relu();
    Value second = first.plus(y);
    assertThat(changing(second)).containsExactly(second);
  }

  @Test
  void aWeightStays() {
    Value weight = method.read(new Graph().scope().parameter("w", 2, 3));
    assertThat(changing(weight.relu())).isEmpty();
  }

  @Test
  void whatIsReadLaterStays() {
    Value sum = x.plus(y);
    Value first = sum.sigmoid();
    Value last = sum.times(first);
    assertThat(changing(last)).containsExactly(last);
  }

  @Test
  void theResultStays() {
    Value sum = x.plus(y);
    Value ignored = sum.relu();
    assertThat(changing(sum)).doesNotContain(ignored);
  }

  @Test
  void aViewIsReadLikeItsMemory() {
    Value sum = x.plus(y);
    Value view = sum.transpose(0, 1);
    Value first = sum.relu();
    Value last = first.plus(view.transpose(0, 1));
    assertThat(changing(last)).containsExactly(last);
  }

  @Test
  void aWholeViewMayBeWrittenOverAndAPartNot() {
    Value view = x.plus(y).transpose(0, 1);
    Value whole = view.relu();
    assertThat(changing(whole)).containsExactly(whole);

    Value part = x.plus(y).narrow(1, 0, 2).relu();
    Value repeated = x.plus(y).reshape(2, 1, 3).expand(2, 4, 3).relu();
    assertThat(changing(part.plus(repeated.select(1, 0)))).doesNotContain(part, repeated);
  }

  @Test
  void anotherViewOfItselfForbidsIt() {
    Value square = x.reshape(3, 2).relu().reshape(2, 3).narrow(1, 0, 2).copy();
    Value sum = square.plus(square.t());
    assertThat(changing(sum)).isEmpty();
  }

  @Test
  void itselfTwiceIsAllowed() {
    Value sum = x.plus(y);
    Value product = sum.times(sum);
    assertThat(changing(product)).containsExactly(product);
  }

  @Test
  void askingForTheShapeIsNoReading() {
    Value sum = x.plus(y);
    Value activated = sum.relu();
    Value result = activated.reshape(sum.size(0), -1);
    assertThat(changing(result)).containsExactly(activated);
  }

  @Test
  void aSumThatIsLargerIsNew() {
    Value column = x.narrow(1, 0, 1).copy();
    Value larger = column.plus(y);
    assertThat(larger.shape()).isEqualTo(Shape.of(2, 3));
    assertThat(changing(larger)).isEmpty();
  }

  @Test
  void truthValuesAndIndicesStay() {
    Value mask = x.plus(y).equalTo(x);
    Value scores = mask.times(-100.);
    assertThat(changing(scores)).doesNotContain(scores);
  }
}
