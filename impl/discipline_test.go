// SPDX-License-Identifier: MIT

package impl

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// otherwise are the tests of what is different under RWSem, by the difference. All other tests of
// this package must pass under both disciplines: TestPromisesUnderRWSem runs them again.
var otherwise = map[string]string{
	"Copy and cleanup run side by side, and several callbacks at once": `
		TestOneCallbackRunsAtATime TestInterruptedCallsNameTheCallbackThatHangs`,
	"a round takes all nets that wait, newest first, and goes ops by ops": `
		TestGoexitInACleanup TestGoexitOfASteppedWorker TestWorkerRunsCleanupsOldestFirst TestSteppedWorkerRunsAsManyAsItIsTold
		TestCloseOfASteppedRegistryRunsQueuedCleanups TestStepsOfTheWorkerDoNotOverlap TestTwoLastPutsQueueOnce`,
	"Close ends all nets together, and then the first": `
		TestCloseTakesDownNewestFirstAndInitNetLast`,
	"a net in use is freed by its last Release, and a hold needs a reference": `
		TestCallsFromACallbackAnswerAtOnce TestCloseKeepsNetsInUse TestAllIsLoggedAtItsLevelWhenCloseReturns
		TestHandlersAreCalledLikeCallbacks TestAHandlerThatFailsStopsNothing TestWhatACallerGaveOrGotIsItsOwn
		TestUseCountRefusesTheFreeForEver TestReleaseBetweenExitsAndFree TestLogsGoToTheDefaultLogger
		TestCloseReturnsAtItsDeadlineWhileTheLogHangs`,
	"an unregister, and a register that fails, wait for the deferred callbacks that are pending": `
		TestUnregisterDoesNotWaitForDeferredCallbacks TestBarrierWaitsForAllThatIsPending TestLaterBatchEndsFirst`,
	"Defer is possible until the net is freed": `
		TestCloseNamesWhatItWaitsFor TestNameIsInUseUntilTheFree TestDeferOrBarrier TestCleanupWaitsForDeferredCallbacks
		TestBarrierDoesNotWaitForLaterCallbacks TestFailedSetUpWaitsForDeferredCallbacksWithTheLockHeld`,
	"the last round's nets stay reachable until the next round, or Close": `
		TestAnIdleRegistryKeepsNothing`,
	"a copy whose last init returns a positive number succeeds": `
		TestPositiveInitInACopy`,
	"a net that an init puts is queued when it is listed": `
		TestInitThatPutsItsNet`,
	"the lock alone knows nothing of the discipline": `
		TestLockInterleavings TestLockSchedules`,
	"the steps are those of netns_rwsem.tla": `
		TestStepsOfRegister TestStepsOfCopyAndCleanup TestStepsOfCounts TestStepsOfNetNsInitThatFails TestStepsWithoutNamespaces
		TestView TestRtnlIsHeldWhereTheListIsChangedOrRead TestReadyOfStepsThatWait TestLookupIsAStep TestLookupFindsOnlyListedNets
		TestCloseWithAnEndedContextDoesWhatNeedsNoWaiting`,
}

const underRWSem = "PERNET_TEST_RWSEM"

func TestPromisesUnderRWSem(t *testing.T) {
	if os.Getenv(underRWSem) != "" {
		return
	}
	_, tests := parsePackage(t)
	var skip []string
	for _, names := range otherwise {
		for _, name := range strings.Fields(names) {
			if !tests[name] {
				t.Errorf("there is no test %s", name)
			}
			skip = append(skip, "^"+name+"$")
		}
	}
	child := exec.Command(os.Args[0], "-test.run=^(Test|Example)", "-test.skip="+strings.Join(skip, "|"), "-test.timeout=5m")
	child.Env = append(os.Environ(), underRWSem+"=1")
	if out, err := child.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
