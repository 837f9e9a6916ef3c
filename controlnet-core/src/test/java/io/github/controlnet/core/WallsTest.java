package io.github.controlnet.core;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bytes become tensors, tensors a family's networks, networks an engine's scripts, and those a
 * pipeline: each package knows those before it in the list, none after it.
 */
class WallsTest {
  private static final String CORE = "io.github.controlnet.core";

  /** The packages, with those inside them, each of which may use those before it. */
  private static final List<String> ORDER =
      List.of(
          CORE + ".internal..",
          CORE + ".random..",
          CORE + ".pose..",
          CORE + ".files..",
          CORE + ".tensors..",
          CORE + ".text..",
          CORE + ".sampler..",
          CORE + ".hub..",
          CORE + ".family..",
          CORE + ".lora..",
          CORE + ".nn..",
          CORE + ".models..",
          CORE + ".torch",
          CORE + ".torch.training..",
          CORE + ".torch.engine..",
          CORE + ".weights..",
          CORE + ".export..",
          CORE + ".control..",
          CORE + ".json..",
          CORE + ".request..",
          CORE + ".provenance..",
          CORE + ".pipeline.load..",
          CORE + ".pipeline.canvas..",
          CORE + ".pipeline.condition..",
          CORE + ".pipeline.plan..",
          CORE + ".pipeline.denoise..",
          CORE + ".pipeline",
          CORE + ".training..");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(CORE);

  static List<String> packages() {
    return ORDER.subList(0, ORDER.size() - 1);
  }

  @ParameterizedTest
  @MethodSource("packages")
  void aPackageUsesOnlyThoseBeforeIt(String name) {
    noClasses()
        .that()
        .resideInAPackage(name)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            ORDER.subList(ORDER.indexOf(name) + 1, ORDER.size()).toArray(String[]::new))
        .check(CLASSES);
  }

  @Test
  void everyPackageHasItsPlaceInTheOrder() {
    classes().should().resideInAnyPackage(ORDER.toArray(String[]::new)).check(CLASSES);
  }

  @Test
  void onlyTheEngineKnowsPyTorch() {
    noClasses()
        .that()
        .resideOutsideOfPackage(CORE + ".torch..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("ai.djl..")
        .check(CLASSES);
  }

  @Test
  void whatReadsPlansAndTrainsKnowsNoEngine() {
    noClasses()
        .that()
        .resideInAnyPackage(
            CORE + ".files..",
            CORE + ".tensors..",
            CORE + ".text..",
            CORE + ".sampler..",
            CORE + ".family..",
            CORE + ".lora..",
            CORE + ".nn..",
            CORE + ".models..",
            CORE + ".weights..",
            CORE + ".export..",
            CORE + ".pipeline..",
            CORE + ".training..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(CORE + ".torch..")
        .check(CLASSES);
  }
}
